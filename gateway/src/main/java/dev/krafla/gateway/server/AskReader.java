package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.server.Ask.Span;
import dev.krafla.gateway.server.Ask.StreamOptions;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a body once, from its first byte to its last, without making a tree of it: all of it must
 * be JSON, but only what the gateway needs is taken out.
 */
final class AskReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Json.MAX_DEPTH)
                  .maxNumberLength(100)
                  .maxNameLength(4096)
                  .maxStringLength(Integer.MAX_VALUE) // the body's size is limited instead
                  .build())
          .build();

  /** Types of parts that are no text. */
  private static final Set<String> MEDIA =
      Set.of(
          "image_url",
          "input_image",
          "image",
          "input_audio",
          "input_file",
          "file",
          "document",
          "video_url");

  private static final int LONGEST_MEDIA_TYPE = 16;

  /** Where bytes of a picture or a file begin to matter. */
  private static final int SHORTEST_BLOB = 256;

  private static final int MAX_MODEL = 256;
  private static final int MAX_SESSION = 512;
  private static final long MOST_TOKENS = 1L << 40;
  private static final long MOST_ANSWERS = 1024;

  private final Endpoint endpoint;
  private final byte[] body;
  private final JsonParser parser;
  private final Set<String> seen = new HashSet<>();
  private @Nullable String model;
  private Span modelAt = new Span(0, 0);
  private boolean stream;
  private OptionalLong maxTokens = OptionalLong.empty();
  private long answers = 1;
  private long media;
  private long mediaBytes;
  private boolean continues;
  private Optional<String> cacheKey = Optional.empty();
  private Optional<String> user = Optional.empty();
  private StreamOptions streamOptions = new StreamOptions.Absent();

  private AskReader(Endpoint endpoint, byte[] body, JsonParser parser) {
    this.endpoint = endpoint;
    this.body = body;
    this.parser = parser;
  }

  /**
   * Reads {@code body}.
   *
   * @param session as a header gives it; goes before what the body says
   * @throws InvalidBody when it is not a JSON object, or what the gateway needs of it is wrong
   */
  static Ask read(Endpoint endpoint, byte[] body, Optional<String> session) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      return new AskReader(endpoint, body, parser).read(session);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place =
          at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
      throw new InvalidBody("", "the body is not valid JSON: " + e.getOriginalMessage() + place);
    }
  }

  private Ask read(Optional<String> session) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new InvalidBody("", "the body must be a JSON object, like {\"model\": …}");
    }
    if (parser.currentTokenLocation().getByteOffset() < 0) {
      throw new InvalidBody("", "the body must be in UTF-8");
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      member(parser.currentName());
    }
    if (parser.nextToken() != null) {
      throw new InvalidBody("", "the body must end after its JSON object");
    }
    if (model == null) {
      throw new InvalidBody("model", "'model' is missing; GET /v1/models lists what there is");
    }
    return new Ask(
        endpoint,
        body,
        model,
        modelAt,
        stream,
        maxTokens,
        answers,
        media,
        mediaBytes,
        continues,
        session.or(() -> cacheKey).or(() -> user),
        streamOptions);
  }

  private void member(String name) {
    JsonToken token = parser.nextToken();
    switch (name) {
      case "model" -> {
        once(name);
        model = text(name, token, MAX_MODEL);
        modelAt = span();
      }
      case "stream" -> {
        once(name);
        stream = flag(name, token);
        if (stream && !endpoint.streams()) {
          throw new InvalidBody("stream", "'stream' is true, and this endpoint has no streams");
        }
      }
      case "max_tokens", "max_completion_tokens", "max_output_tokens" -> {
        once(name);
        OptionalLong limit = count(name, token, MOST_TOKENS);
        if (limit.isPresent()) { // of two limits the larger is reserved
          maxTokens = OptionalLong.of(Math.max(maxTokens.orElse(0), limit.getAsLong()));
        }
      }
      case "n", "best_of" -> {
        once(name);
        answers = Math.max(answers, count(name, token, MOST_ANSWERS).orElse(1));
      }
      case "stream_options" -> {
        once(name);
        readStreamOptions(token);
      }
      case "previous_response_id", "conversation" -> {
        continues |= token != JsonToken.VALUE_NULL;
        skip(token);
      }
      case "prompt_cache_key" -> cacheKey = hint(token).or(() -> cacheKey);
      case "user", "safety_identifier" -> user = hint(token).or(() -> user);
      case "metadata" -> readMetadata(token);
      default -> countMedia(token);
    }
  }

  /** Two of a field would mean one thing here and another at the provider. */
  private void once(String name) {
    if (!seen.add(name)) {
      throw new InvalidBody(name, "'%s' stands twice in the body; keep one".formatted(name));
    }
  }

  private Span span() {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.finishToken();
    return new Span(from, (int) parser.currentLocation().getByteOffset());
  }

  private String text(String name, JsonToken token, int most) {
    if (token != JsonToken.VALUE_STRING || parser.getStringLength() > most) {
      throw new InvalidBody(
          name, "'%s' must be a text of at most %d characters".formatted(name, most));
    }
    return parser.getString();
  }

  private Optional<String> hint(JsonToken token) {
    if (token == JsonToken.VALUE_STRING && parser.getStringLength() <= MAX_SESSION) {
      return Optional.of(parser.getString());
    }
    skip(token);
    return Optional.empty();
  }

  private static boolean flag(String name, JsonToken token) {
    return switch (token) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE, VALUE_NULL -> false;
      default -> throw new InvalidBody(name, "'%s' must be true or false".formatted(name));
    };
  }

  private OptionalLong count(String name, JsonToken token, long most) {
    if (token == JsonToken.VALUE_NULL) {
      return OptionalLong.empty();
    }
    if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        && parser.getLongValue() >= 0
        && parser.getLongValue() <= most) {
      return OptionalLong.of(parser.getLongValue());
    }
    throw new InvalidBody(name, "'%s' must be a whole number from 0 to %,d".formatted(name, most));
  }

  private void readStreamOptions(JsonToken token) {
    if (token != JsonToken.START_OBJECT) {
      throw new InvalidBody(
          "stream_options",
          "'stream_options' must be an object; leave it out where it is not needed");
    }
    int inside = (int) parser.currentTokenLocation().getByteOffset() + 1;
    boolean empty = true;
    Optional<StreamOptions> found = Optional.empty();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      empty = false;
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("include_usage")) {
        once("stream_options.include_usage");
        found =
            Optional.of(
                flag("stream_options.include_usage", value)
                    ? new StreamOptions.Wanted()
                    : new StreamOptions.Unwanted(span()));
      } else {
        skip(value);
      }
    }
    streamOptions = found.orElse(new StreamOptions.Silent(inside, empty));
  }

  /** Anthropic's {@code metadata.user_id}. */
  private void readMetadata(JsonToken token) {
    if (token != JsonToken.START_OBJECT) {
      skip(token);
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean id = parser.currentName().equals("user_id");
      JsonToken value = parser.nextToken();
      if (id) {
        user = hint(value).or(() -> user);
      } else {
        skip(value);
      }
    }
  }

  private void skip(JsonToken token) {
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      parser.skipChildren();
    }
  }

  /** Passes over a value, and counts the parts in it that are no text. */
  private void countMedia(JsonToken first) {
    if (first != JsonToken.START_OBJECT && first != JsonToken.START_ARRAY) {
      return;
    }
    int depth = 1;
    String name = "";
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      switch (token) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case VALUE_STRING -> text(name);
        default -> {
          // Numbers and the like are no media.
        }
      }
      name = token == JsonToken.PROPERTY_NAME ? parser.currentName() : "";
    }
  }

  private void text(String name) {
    switch (name) {
      case "type" -> {
        if (parser.getStringLength() <= LONGEST_MEDIA_TYPE && MEDIA.contains(parser.getString())) {
          media++;
        }
      }
      case "url", "image_url", "data", "file_data" -> {
        int length = parser.getStringLength();
        if (length > SHORTEST_BLOB && isBlob()) {
          mediaBytes += length;
        }
      }
      default -> {
        // Plain text.
      }
    }
  }

  /** Base64, with or without what a data URL has before it: no spaces for a long while. */
  private boolean isBlob() {
    char[] chars = parser.getStringCharacters();
    int from = parser.getStringOffset();
    for (int i = from; i < from + SHORTEST_BLOB; i++) {
      char c = chars[i];
      if (c <= ' ' || c > '~' || c == '"' || c == '<') {
        return false;
      }
    }
    return true;
  }
}
