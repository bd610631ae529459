// English: what every page says.
export default {
  cancel: "Cancel",
  close: "Close",
  dismiss: "Dismiss",
  signOut: "Sign out",
  tryAgain: "Try again",
  pages: "Pages",
  pageDashboard: "Dashboard",
  pageAdmin: "Admin",
  pageApi: "API",
  signOutFailed: "Signing out failed: {reason}",
  loadTrouble: "{reason} Trying again...",
};
