package dev.krafla.engine.constrain;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.TokenMask;
import dev.krafla.models.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Plays a model under a mask. */
final class Answers {
  private final Tokenizer tokenizer;
  private final ConstraintCompiler compiler;

  Answers(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    compiler = new ConstraintCompiler(tokenizer);
  }

  ConstraintCompiler compiler() {
    return compiler;
  }

  /**
   * A random answer: draws among the allowed tokens until it may end and a coin says so, the more
   * readily the longer it is; null where it grew past {@code limit} tokens.
   */
  @Nullable String random(Constraint constraint, Random random, int limit) {
    TokenMask mask = compiler.start(constraint);
    long[] bits = new long[(tokenizer.vocabSize() + 63) / 64 + 1];
    var out = new ByteArrayOutputStream();
    for (int n = 0; n < limit; n++) {
      mask.allowed(bits);
      boolean endAllowed = (bits[0] & 1) != 0 || anyEnd(bits);
      if (endAllowed != mask.complete()) {
        throw new AssertionError("end tokens and complete() differ after " + out);
      }
      int token = draw(bits, random, n > limit / 2);
      if (endAllowed && (random.nextInt(4) == 0 || n > limit / 2)) {
        token = tokenizer.endTokens().iterator().next();
      }
      mask.accept(token);
      if (tokenizer.endTokens().contains(token)) {
        return strictUtf8(out.toByteArray());
      }
      out.writeBytes(tokenizer.tokenBytes(token, false));
    }
    return null;
  }

  private boolean anyEnd(long[] bits) {
    return tokenizer.endTokens().stream().anyMatch(e -> isSet(bits, e));
  }

  private static boolean isSet(long[] bits, int id) {
    return (bits[id >> 6] & 1L << id) != 0;
  }

  /** Where {@code closing}, tokens with a closing quote or bracket come first. */
  private int draw(long[] bits, Random random, boolean closing) {
    int chosen = -1;
    int seen = 0;
    int closers = 0;
    for (int id = 0; id < tokenizer.vocabSize(); id++) {
      if (!isSet(bits, id)) {
        continue;
      }
      if (tokenizer.isSpecial(id) && !tokenizer.endTokens().contains(id)) {
        throw new AssertionError("control token %d is allowed".formatted(id));
      }
      boolean closer = closing && closes(id);
      if (closer && random.nextInt(++closers) == 0) {
        chosen = id;
      } else if (closers == 0 && random.nextInt(++seen) == 0) {
        chosen = id;
      }
    }
    if (chosen < 0) {
      throw new AssertionError("no token is allowed");
    }
    return chosen;
  }

  private boolean closes(int id) {
    byte[] bytes = tokenizer.tokenBytes(id, true);
    return bytes.length == 1 && (bytes[0] == '"' || bytes[0] == ']' || bytes[0] == '}');
  }

  private static String strictUtf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("not UTF-8: " + new String(bytes, StandardCharsets.UTF_8), e);
    }
  }

  /** Whether a model that writes {@code text}, and then ends, is let through. */
  boolean accepts(Constraint constraint, String text) {
    return accepts(constraint, tokenizer.encode(text, false, false));
  }

  boolean accepts(Constraint constraint, int[] tokens) {
    TokenMask mask = compiler.start(constraint);
    long[] bits = new long[(tokenizer.vocabSize() + 63) / 64];
    for (int token : tokens) {
      mask.allowed(bits);
      if (!isSet(bits, token)) {
        return false;
      }
      mask.accept(token);
    }
    mask.allowed(bits);
    return mask.complete() && anyEnd(bits);
  }
}
