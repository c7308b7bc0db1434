package dev.krafla.platform;

import picocli.CommandLine;

/** Entry of the command line: composes the parts, runs one command, exits with its code. */
public final class Main {
  /** What commands run where no model is named. */
  static final String DEFAULT_MODEL = "smollm2-135m";

  private Main() {}

  /** Runs the command that {@code args} name; see {@code ./krafla help}. */
  public static void main(String[] args) {
    CliOutput output = CliOutput.ofProcess();
    Logging.configure(false);
    KraflaHome home = KraflaHome.of(System.getenv());
    int code =
        commandLine(new CliContext(home, output, System.getenv()), StopSignal.ofProcess())
            .execute(args);
    output.flush();
    System.exit(code);
  }

  /** The whole command line over {@code context}; {@code stop} ends what serves. */
  static CommandLine commandLine(CliContext context, StopSignal stop) {
    CommandLine line =
        new CommandLine(new KraflaCommand())
            .addSubcommand(new DoctorCommand(context))
            .addSubcommand(new ModelsCommand(context))
            .addSubcommand(new PullCommand(context))
            .addSubcommand(new ServeCommand(context, stop))
            .addSubcommand(new RouteCommand(context, stop))
            .addSubcommand(new UpCommand(context, stop))
            .addSubcommand(new StatusCommand(context))
            .addSubcommand(new LogsCommand(context, stop))
            .addSubcommand(new GatewayCommand(context, stop))
            .addSubcommand(new LedgerCommand(context))
            .addSubcommand(new KeysCommand(context))
            .addSubcommand(new UsageCommand(context))
            .addSubcommand(new BudgetCommand(context))
            .addSubcommand(new ImageCommand(context))
            .addSubcommand(new BackupCommand(context))
            .addSubcommand(new RestoreCommand(context))
            .addSubcommand(new DemoCommand(context))
            .addSubcommand(new ChatCommand(context))
            .addSubcommand(
                new CommandLine(new BenchCommand(context))
                    .addSubcommand(new ReplayCommand(context))
                    .addSubcommand(new LoadCommand(context)));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(context.output().out());
    line.setErr(context.output().err());
    line.setExecutionStrategy(new CommandLine.RunLast());
    line.setParameterExceptionHandler(new UsageReport());
    line.setExecutionExceptionHandler(new ErrorReport(context.output()));
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            context.output().colours() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    return line;
  }
}
