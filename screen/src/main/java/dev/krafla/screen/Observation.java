package dev.krafla.screen;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A look at a surface.
 *
 * @param took what looking cost
 * @param tabs all of the surface, one of them active
 * @param downloads since the surface was opened
 * @param tools that the page offers to agents (WebMCP); what they say is the page's word
 */
public record Observation(
    Screen screen,
    Instant at,
    Duration took,
    List<Tab> tabs,
    List<Download> downloads,
    List<PageTool> tools) {
  public Observation {
    tabs = List.copyOf(tabs);
    downloads = List.copyOf(downloads);
    tools = List.copyOf(tools);
  }

  /**
   * @param id as {@code t2}; never reused
   */
  public record Tab(String id, String location, String title, boolean active) {}

  /**
   * @param file where it lies when it is done
   */
  public record Download(String name, String from, String file, Progress progress) {
    /** How far it is. */
    public enum Progress {
      RUNNING,
      DONE,
      FAILED
    }
  }

  /**
   * A tool that the page registered.
   *
   * @param inputSchema JSON
   */
  public record PageTool(String name, String description, String inputSchema) {}
}
