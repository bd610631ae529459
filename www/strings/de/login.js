// German: the way in.
export default {
  title: "Bei maitred anmelden",
  claim: "Der Betrieb von Restaurant und Hotel, live",
  venue: "Betrieb",
  username: "Benutzername",
  password: "Passwort",
  submit: "Anmelden",
  busy: "Anmeldung läuft...",
  show: "Passwort anzeigen",
  needVenue: "Geben Sie den Kurznamen des Betriebs ein.",
  needUsername: "Geben Sie Ihren Benutzernamen ein.",
  needPassword: "Geben Sie Ihr Passwort ein.",
  unreachable: "Der Server ist nicht erreichbar. Prüfen Sie das Netz und versuchen Sie es noch einmal.",
  refused: "Betrieb, Benutzername oder Passwort stimmt nicht.",
  tooMany: { one: "Zu viele Versuche. Versuchen Sie es in {n} Sekunde noch einmal.", other: "Zu viele Versuche. Versuchen Sie es in {n} Sekunden noch einmal." },
  tooManyLater: "Zu viele Versuche. Versuchen Sie es später noch einmal.",
  away: "Der Dienst ist gerade nicht verfügbar. Versuchen Sie es gleich noch einmal.",
};
