package dev.krafla.screen;

/**
 * Something with a screen that can be seen and acted on: a browser's tabs, a desktop, a phone. One
 * action at a time; others wait.
 */
public interface Surface extends AutoCloseable {
  /**
   * Looks.
   *
   * @throws SurfaceLostException when there is nothing to look at any more
   */
  Observation observe();

  /**
   * Acts, waits until the surface is quiet (for a bounded time), looks again. Whatever goes wrong
   * is an outcome, not an exception.
   */
  ActionResult perform(Action action);

  /** A picture of what is shown now, as PNG, {@code scale} device pixels to a CSS pixel. */
  byte[] screenshot();

  @Override
  void close();
}
