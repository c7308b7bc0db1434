package dev.krafla.screen.browser;

/**
 * A dialog of the browser that a page has opened, and that holds the page until it is answered.
 *
 * @param type alert, confirm, prompt or beforeunload
 */
record PageDialog(String type, String message, String defaultPrompt, String url) {
  boolean asksForText() {
    return type.equals("prompt");
  }

  boolean hasCancel() {
    return !type.equals("alert");
  }
}
