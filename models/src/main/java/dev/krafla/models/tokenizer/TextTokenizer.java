package dev.krafla.models.tokenizer;

import dev.krafla.models.StreamDecoder;
import dev.krafla.models.Tokenizer;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The pipeline of every tokenizer here: added tokens → normalizer → added tokens of normalized text
 * → splitter → subword model; then the tokens of the beginning and the end.
 */
final class TextTokenizer implements Tokenizer {
  /**
   * Text to pieces.
   *
   * @param rawTokens matched before the normalizer
   * @param normalizedTokens matched after it
   * @param preparation rewrites each section once more before it is split (a word's leading space)
   */
  record Pipeline(
      AddedTokens rawTokens,
      Normalizer normalizer,
      AddedTokens normalizedTokens,
      Normalizer preparation,
      Splitter splitter,
      SubwordModel model) {}

  /**
   * Ids to text.
   *
   * @param bytes by id, as in running text
   * @param control by id
   * @param stripLeadingSpace whether a whole text loses the space it begins with
   */
  record Pieces(byte[][] bytes, boolean[] control, boolean stripLeadingSpace) {}

  /**
   * Tokens with a part to play.
   *
   * @param prefix put before a text, {@code suffix} after it
   * @param byText control tokens
   */
  record Roles(
      int[] prefix, int[] suffix, Map<String, Integer> byText, OptionalInt bos, Set<Integer> end) {
    Roles {
      byText = Map.copyOf(byText);
      end = Set.copyOf(end);
    }
  }

  private static final byte[] NOTHING = {};

  private final Pipeline pipeline;
  private final Pieces pieces;
  private final Roles roles;

  TextTokenizer(Pipeline pipeline, Pieces pieces, Roles roles) {
    this.pipeline = pipeline;
    this.pieces = pieces;
    this.roles = roles;
  }

  @Override
  public int vocabSize() {
    return pieces.bytes().length;
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    var out = new IntList();
    if (addSpecial) {
      addAll(roles.prefix(), out);
    }
    new Encoding(parseSpecial, out).run(text);
    if (addSpecial) {
      addAll(roles.suffix(), out);
    }
    return out.toArray();
  }

  private static void addAll(int[] ids, IntList out) {
    for (int id : ids) {
      out.add(id);
    }
  }

  /** One call of {@link #encode}. */
  private final class Encoding {
    private final boolean parseSpecial;
    private final IntList out;
    private final SubwordModel.Worker worker = pipeline.model().worker();

    private Encoding(boolean parseSpecial, IntList out) {
      this.parseSpecial = parseSpecial;
      this.out = out;
    }

    private void run(String text) {
      pipeline.rawTokens().split(text, parseSpecial, new Sections(this::normalize));
    }

    private void normalize(String section, boolean first) {
      String normal = pipeline.normalizer().apply(section, first);
      if (pipeline.normalizedTokens().isEmpty()) {
        cut(normal, first);
      } else {
        pipeline
            .normalizedTokens()
            .split(
                normal,
                parseSpecial,
                new Sections((part, partFirst) -> cut(part, first && partFirst)));
      }
    }

    private void cut(String section, boolean first) {
      String text = pipeline.preparation().apply(section, first);
      pipeline
          .splitter()
          .on(text, (from, to) -> worker.encode(text, from, to, out))
          .accept(0, text.length());
    }

    /** Adds matched tokens to the ids and hands the text between them on. */
    private final class Sections implements AddedTokens.Visitor {
      private final Section next;

      private Sections(Section next) {
        this.next = next;
      }

      @Override
      public void text(String text, boolean first) {
        next.accept(text, first);
      }

      @Override
      public void token(AddedToken token) {
        out.add(token.id());
      }
    }
  }

  private interface Section {
    void accept(String text, boolean first);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var stream = new StreamDecoder(this, skipSpecial);
    var text = new StringBuilder();
    for (int id : ids) {
      text.append(stream.add(id));
    }
    text.append(stream.finish());
    boolean strip = pieces.stripLeadingSpace() && !text.isEmpty() && text.charAt(0) == ' ';
    return strip ? text.substring(1) : text.toString();
  }

  @Override
  public byte[] tokenBytes(int id, boolean skipSpecial) {
    checkId(id);
    return skipSpecial && pieces.control()[id] ? NOTHING : pieces.bytes()[id].clone();
  }

  @Override
  public boolean isSpecial(int id) {
    checkId(id);
    return pieces.control()[id];
  }

  private void checkId(int id) {
    if (id < 0 || id >= pieces.bytes().length) {
      throw new IllegalArgumentException(
          "token %d; ids of this model are 0 to %d".formatted(id, pieces.bytes().length - 1));
    }
  }

  @Override
  public OptionalInt specialId(String text) {
    Integer id = roles.byText().get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public OptionalInt bos() {
    return roles.bos();
  }

  @Override
  public Set<Integer> endTokens() {
    return roles.end();
  }
}
