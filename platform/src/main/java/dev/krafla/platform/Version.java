package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that Maven wrote into the build. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    return new String[] {"krafla " + number()};
  }

  /** For example {@code 0.1.0-SNAPSHOT}. */
  static String number() throws IOException {
    var properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        return "(unbuilt)";
      }
      properties.load(in);
    }
    return properties.getProperty("version", "(unbuilt)");
  }
}
