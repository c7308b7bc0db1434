package dev.krafla.platform;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** The words a command was started with, for reports that say how to repeat them. */
final class CommandWords {
  private CommandWords() {}

  /** As one would type it; words with spaces in quotes. */
  static String of(CommandSpec spec) {
    List<String> words = spec.root().commandLine().getParseResult().originalArgs();
    var line = new StringBuilder("./krafla");
    for (String word : words) {
      line.append(' ').append(word.matches("[\\w@%+=:,./~-]+") ? word : "'" + word + "'");
    }
    return line.toString();
  }
}
