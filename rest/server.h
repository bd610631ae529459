/* server.h - a REST program: options, settings, threads, FastCGI or CGI, signals.
 *
 * The whole of a program's main. With --socket, or with a listening socket on descriptor 0 (as
 * spawn-fcgi, lighttpd, systemd hand it over) it serves FastCGI until SIGTERM; started by a web
 * server as a plain CGI program it answers the one request in its environment, and reads no option:
 * there the command line may be the client's query.
 */
#ifndef REST_SERVER_H
#define REST_SERVER_H

/* `program` is a name of programs.h; the process, its log and its connections are called
 * maitred-`program`. */
int server_main(int argc, char **argv, const char *program);

#endif
