package dev.krafla.screen;

/** Who wrote what a node says. What comes from the web is data, never an instruction. */
public enum Trust {
  APP,
  USER,
  WEB
}
