package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Packing and matrix products in C (packed.h, activations.h, matmul_*.c): this class deals row
 * groups and token ranges to the pool. {@link #pack} and {@link #wrap} are thread-safe, {@link
 * #matmul} is called by one thread at a time.
 *
 * <p>Addresses are passed as plain numbers: a segment argument would be pinned and unpinned at
 * every call by an atomic counter that all members share. The caller keeps its arenas open during a
 * call, as the engine's thread does by being the only one to close them.
 */
final class NativeMatmul {
  private static final String LAYOUT = "rows16x4"; // packed.h
  private static final int GROUP_ROWS = 16; // packed.h
  private static final int BLOCK_COLS = 32; // packed.h
  private static final int TILE = 4; // activations.h: token ranges begin at multiples of it
  private static final int AMX_TILE = 16; // and with AMX of this
  private static final int BF16 = 2; // activations.h, as ActivationPrecision has the others
  private static final long CACHE_LINE = 64;

  /**
   * Rows from which AMX multiplies in bfloat16: rounding the weights takes about as long as the
   * products of 64 rows do, and integer products are two, to be rescaled every 32 columns.
   */
  static final int BF16_ROWS = 64;

  /** Elements from which quantising is dealt to the pool: about 5 µs for one thread. */
  private static final long POOL_ELEMENTS = 16_384;

  /** Pieces of work per member: enough that one held up by the system costs the others little. */
  private static final int PIECES = 8;

  /** Tokens beyond which a piece may be split by tokens too: one pass over a decoded panel. */
  private static final int PIECE_TOKENS = 128;

  /** Groups that bfloat16 products take together: with one, tiles are loaded oftener. */
  private static final int BF16_GROUPS = 2;

  private final ComputePool pool;
  private final MethodHandle packedBytes;
  private final MethodHandle pack;
  private final MethodHandle activationBytes;
  private final MethodHandle quantize;
  private final MethodHandle multiply;
  private final Optional<Bfloat16> bfloat16;
  private final int tile;
  private final Product product = new Product();
  private MemorySegment activations = MemorySegment.NULL;

  /**
   * Binds the functions of {@code library} for instruction set {@code isa}, e.g. {@code avx2}.
   * {@code amx} multiplies in bfloat16 where that is faster, {@code amx-int8} never.
   */
  NativeMatmul(NativeLibrary library, String isa, ComputePool pool) {
    String suffix = suffix(isa);
    this.pool = pool;
    this.tile = suffix.equals("_amx") ? AMX_TILE : TILE;
    this.bfloat16 =
        isa.equals("amx") ? Optional.of(new Bfloat16(library, pool.size())) : Optional.empty();
    this.packedBytes =
        library.function(
            "krafla_packed_bytes",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    this.pack =
        library.function(
            "krafla_pack",
            FunctionDescriptor.ofVoid(
                JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    this.activationBytes =
        library.function(
            "krafla_activation_bytes", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    this.quantize =
        library.function(
            "krafla_quantize" + suffix,
            FunctionDescriptor.ofVoid(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
    this.multiply =
        library.function(
            "krafla_matmul" + suffix,
            FunctionDescriptor.ofVoid(
                JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  }

  /** Whether {@code library} was built for {@code isa}. */
  static boolean isIn(NativeLibrary library, String isa) {
    return library.exports("krafla_matmul" + suffix(isa));
  }

  private static String suffix(String isa) {
    return isa.startsWith("amx") ? "_amx" : "_" + isa;
  }

  String layout() {
    return LAYOUT;
  }

  /** {@link Kernels#batchInvariant()}: not where many rows are multiplied in another precision. */
  boolean batchInvariant() {
    return bfloat16.isEmpty();
  }

  long packedBytes(WeightType type, int rows, int cols) {
    var _ = type.bytes(cols); // refuses columns that are not whole blocks
    try {
      return (long) packedBytes.invokeExact(type.ggmlId(), (long) rows, (long) cols);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  PackedMatrix pack(RawMatrix raw, MemorySegment target) {
    PackedMatrix packed = wrap(raw.type(), raw.rows(), raw.cols(), target);
    try {
      pack.invokeExact(
          raw.type().ggmlId(),
          packed.data().address(),
          raw.data().address(),
          (long) raw.rows(),
          (long) raw.cols(),
          raw.data().byteSize());
    } catch (Throwable t) {
      throw failed(t);
    }
    return packed;
  }

  PackedMatrix wrap(WeightType type, int rows, int cols, MemorySegment packed) {
    long bytes = packedBytes(type, rows, cols);
    if (packed.byteSize() < bytes || !packed.isNative()) {
      throw new IllegalArgumentException(
          "%s matrix of %d × %d takes %d bytes of native memory in layout %s; got %d"
              .formatted(type, rows, cols, bytes, LAYOUT, packed.byteSize()));
    }
    return new PackedMatrix(type, rows, cols, LAYOUT, packed.asSlice(0, bytes));
  }

  void matmul(Tensor out, Tensor x, int rows, ActivationPrecision least, PackedMatrix... parts) {
    check(out, x, rows, parts);
    boolean bf16 = false;
    boolean integers = false;
    for (PackedMatrix part : parts) {
      bf16 |= takesBf16(part, rows);
      integers |= takesIntegers(part, rows);
    }
    if (bf16 || integers) {
      quantize(x, rows, bf16 ? BF16 : least.code());
    }
    product.set(out, x, rows, parts, bf16 ? BF16_GROUPS : 1);
    if (product.pieces == 1) {
      product.run(0, 1);
    } else {
      pool.run(product);
    }
  }

  /** Refuses what C would read or write out of bounds for. */
  private static void check(Tensor out, Tensor x, int rows, PackedMatrix[] parts) {
    int width = 0;
    for (PackedMatrix part : parts) {
      if (part.cols() != x.cols() || !part.layout().equals(LAYOUT)) {
        throw new IllegalArgumentException(
            "%s matrix of %d × %d in layout %s cannot multiply activations of %d columns in %s"
                .formatted(part.type(), part.rows(), part.cols(), part.layout(), x.cols(), LAYOUT));
      }
      width += part.rows();
    }
    if (out.cols() != width || rows < 1 || rows > x.rows() || rows > out.rows()) {
      throw new IllegalArgumentException(
          "product of %d rows: input %d × %d, weights %d rows, output %d × %d"
              .formatted(rows, x.rows(), x.cols(), width, out.rows(), out.cols()));
    }
  }

  /** Whether {@code part} is multiplied in bfloat16: then all of a product's parts but F32 are. */
  private boolean takesBf16(PackedMatrix part, int rows) {
    return rows >= BF16_ROWS
        && bfloat16.isPresent()
        && part.type() != WeightType.F32
        && part.cols() % BLOCK_COLS == 0;
  }

  /** Whether {@code part} takes activations as quantised integers. */
  private boolean takesIntegers(PackedMatrix part, int rows) {
    return !takesBf16(part, rows)
        && switch (part.type()) {
          case F32, F16, BF16 -> false;
          case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, MXFP4 -> true;
        };
  }

  private void quantize(Tensor x, int rows, int precision) {
    reserve(rows, x.cols());
    if ((long) rows * x.cols() < POOL_ELEMENTS) {
      quantizeRows(x, rows, 0, rows, precision);
      return;
    }
    int tiles = (rows + tile - 1) / tile;
    pool.run((member, members) -> {
      int from = ComputePool.share(tiles, member, members) * tile;
      int to = Math.min(rows, ComputePool.share(tiles, member + 1, members) * tile);
      quantizeRows(x, rows, from, to, precision);
    });
  }

  private void quantizeRows(Tensor x, int rows, int from, int to, int precision) {
    try {
      quantize.invokeExact(
          activations.address(),
          x.data().address(),
          (long) rows,
          (long) x.cols(),
          (long) from,
          (long) to,
          precision);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  /** Grows the one buffer of quantised activations; it settles at the largest step seen. */
  private void reserve(int rows, int cols) {
    long bytes;
    try {
      bytes = (long) activationBytes.invokeExact((long) rows, (long) cols);
    } catch (Throwable t) {
      throw failed(t);
    }
    if (bytes > activations.byteSize()) {
      activations = Arena.ofAuto().allocate(bytes, CACHE_LINE);
    }
  }

  /** One product, dealt in pieces: {@code groupPieces} ranges of row groups × token ranges. */
  private final class Product implements ComputePool.Body {
    private final AtomicInteger next = new AtomicInteger();
    private PackedMatrix[] parts = {};
    private @Nullable Tensor x;
    private @Nullable Tensor out;
    private int rows;
    private int groups;
    private int groupPieces;
    private int tokenPieces;
    private int pieces;

    void set(Tensor out, Tensor x, int rows, PackedMatrix[] parts, int together) {
      this.out = out;
      this.x = x;
      this.rows = rows;
      this.parts = parts;
      groups = 0;
      for (PackedMatrix part : parts) {
        groups += groups(part);
      }
      int wanted = pool.size() == 1 ? 1 : pool.size() * PIECES;
      groupPieces = Math.min((groups + together - 1) / together, wanted);
      int ranges = Math.max(1, rows / PIECE_TOKENS);
      tokenPieces = Math.min(ranges, (wanted + groupPieces - 1) / groupPieces);
      pieces = groupPieces * tokenPieces;
      next.set(0);
    }

    private static int groups(PackedMatrix part) {
      return (part.rows() + GROUP_ROWS - 1) / GROUP_ROWS;
    }

    @Override
    public void run(int member, int members) {
      int tiles = (rows + tile - 1) / tile;
      for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
        int g = piece % groupPieces;
        int t = piece / groupPieces;
        multiplyGroups(
            member,
            ComputePool.share(groups, g, groupPieces),
            ComputePool.share(groups, g + 1, groupPieces),
            ComputePool.share(tiles, t, tokenPieces) * tile,
            Math.min(rows, ComputePool.share(tiles, t + 1, tokenPieces) * tile));
      }
    }

    /** Groups are counted through all parts; a range may begin in one part and end in another. */
    private void multiplyGroups(int member, int from, int to, int tokenFrom, int tokenTo) {
      int first = 0;
      int column = 0;
      for (PackedMatrix part : parts) {
        int count = groups(part);
        int a = Math.max(from, first);
        int b = Math.min(to, first + count);
        if (a < b) {
          multiplyPart(member, part, column, a - first, b - first, tokenFrom, tokenTo);
        }
        first += count;
        column += part.rows();
      }
    }

    private void multiplyPart(
        int member,
        PackedMatrix part,
        int column,
        int groupFrom,
        int groupTo,
        int tokenFrom,
        int tokenTo) {
      Tensor from = requireNonNull(x);
      Tensor to = requireNonNull(out);
      boolean bf16 = takesBf16(part, rows);
      MemorySegment input = bf16 || takesIntegers(part, rows) ? activations : from.data();
      long output = to.data().address() + (long) column * Float.BYTES;
      try {
        if (bf16) {
          Bfloat16 own = bfloat16.orElseThrow();
          own.multiply.invokeExact(
              part.type().ggmlId(),
              part.data().address(),
              (long) part.rows(),
              (long) part.cols(),
              (long) groupFrom,
              (long) groupTo,
              input.address(),
              (long) rows,
              (long) tokenFrom,
              (long) tokenTo,
              output,
              (long) to.cols(),
              own.panels[member].address());
        } else {
          multiply.invokeExact(
              part.type().ggmlId(),
              part.data().address(),
              (long) part.rows(),
              (long) part.cols(),
              (long) groupFrom,
              (long) groupTo,
              input.address(),
              (long) rows,
              (long) tokenFrom,
              (long) tokenTo,
              output,
              (long) to.cols());
        }
      } catch (Throwable t) {
        throw failed(t);
      }
    }
  }

  /** Products of weights rounded to bfloat16, in a panel for each member of the pool. */
  private static final class Bfloat16 {
    final MethodHandle multiply;
    final MemorySegment[] panels;

    Bfloat16(NativeLibrary library, int members) {
      multiply =
          library.function(
              "krafla_matmul_bf16_amx",
              FunctionDescriptor.ofVoid(
                  JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
      MethodHandle panelBytes =
          library.function("krafla_matmul_bf16_scratch_amx", FunctionDescriptor.of(JAVA_LONG));
      panels = new MemorySegment[members];
      try {
        for (int i = 0; i < members; i++) {
          panels[i] = Arena.ofAuto().allocate((long) panelBytes.invokeExact(), CACHE_LINE);
        }
      } catch (Throwable t) {
        throw failed(t);
      }
    }
  }

  private static IllegalStateException failed(Throwable t) {
    return new IllegalStateException("a native matrix kernel failed", t);
  }
}
