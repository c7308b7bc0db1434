package dev.krafla.platform;

import dev.krafla.engine.EngineException;
import dev.krafla.image.ImageException;
import dev.krafla.models.ModelException;
import dev.krafla.serving.replay.InvalidTrace;
import dev.krafla.store.StoreException;
import dev.krafla.wire.WireException;
import picocli.CommandLine;

/** Turns what a command threw into a line for people and an exit code. */
final class ErrorReport implements CommandLine.IExecutionExceptionHandler {
  private final CliOutput output;

  ErrorReport(CliOutput output) {
    this.output = output;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine line, CommandLine.ParseResult arguments) {
    output.flush();
    boolean expected =
        failure instanceof UserError
            || failure instanceof ModelException
            || failure instanceof EngineException
            || failure instanceof ImageException
            || failure instanceof InvalidTrace
            || failure instanceof StoreException
            || failure instanceof WireException;
    output.note("krafla: " + (expected ? failure.getMessage() : failure.toString()));
    if (arguments.expandedArgs().contains("--verbose") || arguments.expandedArgs().contains("-v")) {
      failure.printStackTrace(output.err());
    } else if (!expected) {
      output.note("  This is a fault in Krafla; run it again with --verbose for the details.");
    }
    output.flush();
    return 1;
  }
}
