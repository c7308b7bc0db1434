package dev.krafla.image.scene;

/** Where something lies in the room it has; also of lines of text. */
public enum Align {
  START,
  CENTER,
  END,
  STRETCH,
  /** Along the main axis: the room left over is put between the children. */
  BETWEEN
}
