package dev.krafla.platform;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with the words of a command line, and where to read how it goes. */
final class UsageReport implements CommandLine.IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("krafla: " + failure.getMessage());
    UnmatchedArgumentException.printSuggestions(failure, err);
    String name = command.getCommandSpec().qualifiedName();
    err.println("  ./%s --help shows how it is used.".formatted(name));
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }
}
