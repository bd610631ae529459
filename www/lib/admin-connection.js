// The language of /admin/ws/dashboard on a LiveSocket: a snapshot on every connect, then updates; an
// action answers only when it is refused. Used by admin-client.js.

import { LiveSocket } from "./live-socket.js";

export class AdminConnection extends LiveSocket {
  // As LiveSocket; on: also {snapshot, update, error}.
  receive(message) {
    if (message.type === "tables_snapshot") {
      this.call("snapshot", message.tables);
      if (this.state !== "live") this.becomeLive();
    } else if (message.type === "table_update") {
      this.call("update", message);
    } else if (message.type === "error") {
      this.call("error", message);
    }
  }
}
