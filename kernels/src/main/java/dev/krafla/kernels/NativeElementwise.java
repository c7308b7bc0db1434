package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * The row-wise operations in C (elementwise.h). Little work is done by the caller, much is dealt to
 * the pool by rows. Called by one thread at a time.
 */
final class NativeElementwise {
  /** Elements from which the pool pays: about 5 µs of work against 1 µs of fork and join. */
  private static final long POOL_ELEMENTS = 16_384;

  private final ComputePool pool;
  private final MethodHandle rmsNorm;
  private final MethodHandle rope;
  private final MethodHandle gate;
  private final MethodHandle add;
  private final MethodHandle softcap;

  /** Binds the functions of {@code library} for instruction set {@code isa}, e.g. {@code avx2}. */
  NativeElementwise(NativeLibrary library, String isa, ComputePool pool) {
    this.pool = pool;
    this.rmsNorm =
        library.function(
            "krafla_rms_norm_" + isa,
            FunctionDescriptor.ofVoid(
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_FLOAT));
    this.rope =
        library.function(
            "krafla_rope_" + isa,
            FunctionDescriptor.ofVoid(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    this.gate =
        library.function(
            "krafla_gate_" + isa,
            FunctionDescriptor.ofVoid(
                JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    this.add =
        library.function(
            "krafla_add_" + isa,
            FunctionDescriptor.ofVoid(
                JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    this.softcap =
        library.function(
            "krafla_softcap_" + isa, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_FLOAT));
  }

  /**
   * A native call on rows {@code from … to − 1}. To be written as a block: as an expression, {@code
   * invokeExact} would be taken to return a value.
   */
  private interface RowRange {
    void run(int from, int to) throws Throwable;
  }

  /** {@link Kernels#rmsNorm}. */
  void rmsNorm(Tensor out, Tensor x, int rows, Tensor weight, float eps) {
    rmsNorm(out, x, rows, 0, 1, x.cols(), weight, eps);
  }

  /** {@link Kernels#rmsNormHeads}. */
  void rmsNormHeads(
      Tensor x, int rows, int column, int heads, int headDim, Tensor weight, float eps) {
    rmsNorm(x, x, rows, column, heads, headDim, weight, eps);
  }

  private void rmsNorm(
      Tensor out, Tensor x, int rows, int column, int vectors, int n, Tensor weight, float eps) {
    deal(
        rows,
        (long) vectors * n,
        (from, to) -> {
          rmsNorm.invokeExact(
              out.data().address(),
              x.data().address(),
              weight.data().address(),
              from,
              to,
              out.cols(),
              x.cols(),
              column,
              vectors,
              n,
              eps);
        });
  }

  /** {@link Kernels#rope}. */
  void rope(Tensor x, BatchLayout layout, int column, int heads, int headDim, RopeTable table) {
    deal(
        layout.rows(),
        (long) heads * table.rotaryDim(),
        (from, to) -> {
          rope.invokeExact(
              x.data().address(),
              layout.positions().address(),
              table.cos().data().address(),
              table.sin().data().address(),
              from,
              to,
              x.cols(),
              column,
              heads,
              headDim,
              table.rotaryDim() / 2,
              table.interleaved() ? 1 : 0);
        });
  }

  /** {@link Kernels#gate}. */
  void gate(Tensor out, Tensor gateUp, int rows, Activation activation) {
    int isGelu =
        switch (activation) {
          case SILU -> 0;
          case GELU_TANH -> 1;
        };
    deal(
        rows,
        4L * gateUp.cols(), // an exponential is worth several multiplications
        (from, to) -> {
          gate.invokeExact(
              out.data().address(),
              gateUp.data().address(),
              from,
              to,
              out.cols(),
              gateUp.cols() / 2,
              isGelu);
        });
  }

  /** {@link Kernels#add}. */
  void add(Tensor x, Tensor y, int rows) {
    add(x, y, rows, y.cols(), 0, x.cols());
  }

  /** {@link Kernels#addBias}. */
  void addBias(Tensor x, int rows, int column, Tensor bias) {
    add(x, bias, rows, 0, column, bias.cols());
  }

  private void add(Tensor x, Tensor y, int rows, int yStride, int column, int n) {
    deal(
        rows,
        n,
        (from, to) -> {
          add.invokeExact(
              x.data().address(), y.data().address(), from, to, x.cols(), yStride, column, n);
        });
  }

  /** {@link Kernels#softcap}. */
  void softcap(Tensor x, int rows, float cap) {
    deal(
        rows,
        8L * x.cols(),
        (from, to) -> {
          softcap.invokeExact(
              x.data().address() + (long) from * x.cols() * Float.BYTES,
              (long) (to - from) * x.cols(),
              cap);
        });
  }

  private void deal(int rows, long elementsPerRow, RowRange body) {
    if (rows == 1 || rows * elementsPerRow < POOL_ELEMENTS) {
      call(body, 0, rows);
      return;
    }
    pool.run((member, members) ->
        call(
            body,
            ComputePool.share(rows, member, members),
            ComputePool.share(rows, member + 1, members)));
  }

  private static void call(RowRange body, int from, int to) {
    try {
      body.run(from, to);
    } catch (Throwable t) {
      throw new IllegalStateException("a native kernel failed", t);
    }
  }
}
