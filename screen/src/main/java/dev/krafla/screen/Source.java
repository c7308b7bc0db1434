package dev.krafla.screen;

/** Where a node was seen. */
public enum Source {
  /** A browser's accessibility tree and layout. */
  CDP,
  /** The browser itself, outside of any page: its dialogs. */
  BROWSER,
  /** A desktop's accessibility bus. */
  ATSPI,
  ANDROID,
  OCR,
  DETECTOR
}
