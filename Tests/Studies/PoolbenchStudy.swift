import ArgumentParser

/// Studies of the statistics' own quality, each a subcommand that ends with status 1 if a claim is refuted. They take
/// minutes, so they are programs and no tests; each has its script in `scripts/`.
@main
struct PoolbenchStudy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poolbench-study",
    abstract: "Measures how good poolbench's statistics are, and how its pools stand.",
    subcommands: [CoverageCommand.self, PowerCommand.self, LeagueCommand.self])
}
