// The login page, as a person uses it.

import { PASSWORD } from "../lib/house.mjs";

export class LoginPage {
  constructor(page) {
    this.page = page;
    this.problem = page.locator("#problem");
  }

  async open(query = "") {
    await this.page.goto(`/login/${query}`);
  }

  async signIn({ venue, username, password = PASSWORD }) {
    await this.page.getByLabel("Venue").fill(venue);
    await this.page.getByLabel("User name").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  fieldError(name) {
    return this.page.locator(`#${name}-error`);
  }
}
