package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real but tiny Llama with random weights (the golden model of the models module: 96 tokens, a
 * context of 256) with a tokenizer of single characters. Commands run on it in milliseconds; what
 * it says makes no sense.
 */
final class TinyModel {
  private static final Path GOLDEN =
      Path.of("..", "models", "src", "test", "resources", "golden", "models", "llama");
  private static final int VOCAB_SIZE = 96;
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: ";

  private TinyModel() {}

  /** Writes it to {@code folder}/{@code name} and gives that path. */
  static Path write(Path folder, String name) throws IOException {
    Path model = Files.createDirectories(folder.resolve(name));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(GOLDEN.resolve(file), model.resolve(file));
    }
    Files.writeString(model.resolve("tokenizer.json"), json(tokenizer()));
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        json(Map.of("bos_token", "<s>", "eos_token", "</s>", "chat_template", TEMPLATE)));
    return model;
  }

  private static Map<String, Object> tokenizer() {
    var vocab = new LinkedHashMap<String, Object>();
    var added = new ArrayList<Map<String, Object>>();
    for (String special : List.of("<unk>", "<s>", "</s>")) {
      added.add(Map.of("id", vocab.size(), "content", special, "special", true));
      vocab.put(special, vocab.size());
    }
    // Byte-level BPE writes space and line feed as Ġ and Ċ.
    Stream.concat(
            Stream.of("Ġ", "Ċ"), Stream.iterate('!', c -> (char) (c + 1)).map(String::valueOf))
        .limit(VOCAB_SIZE - vocab.size())
        .forEach(character -> vocab.put(character, vocab.size()));
    var byteLevel = Map.of("type", "ByteLevel", "add_prefix_space", false, "use_regex", true);
    var tokenizer = new LinkedHashMap<String, Object>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", added);
    tokenizer.put("pre_tokenizer", byteLevel);
    tokenizer.put("decoder", byteLevel);
    tokenizer.put("model", Map.of("type", "BPE", "vocab", vocab, "merges", List.of()));
    return tokenizer;
  }

  private static String json(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }
}
