// German: what every page says.
export default {
  cancel: "Abbrechen",
  close: "Schließen",
  dismiss: "Verwerfen",
  signOut: "Abmelden",
  tryAgain: "Noch einmal",
  pages: "Seiten",
  pageDashboard: "Übersicht",
  pageAdmin: "Verwaltung",
  pageApi: "API",
  signOutFailed: "Abmelden ist nicht gelungen: {reason}",
  loadTrouble: "{reason} Neuer Versuch...",
};
