package dev.krafla.image.scene;

/** How a container lays out its children. */
public enum Flex {
  COL,
  ROW,
  /** One above the other in depth, each in the whole box. */
  STACK
}
