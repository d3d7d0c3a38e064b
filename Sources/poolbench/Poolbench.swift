import ArgumentParser
import Driver

@main
struct Poolbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poolbench",
    abstract: "Measures memory pools and allocators on a described heap workload.",
    discussion: """
      Replays the same operations against every subject in a fresh process each, and prints throughput, latency and \
      memory side by side.

      Example:
        poolbench run workloads/web-server.txt
      """,
    version: "poolbench \(ToolVersion.current(builtIn: WorkerFolder.ownFolder).words)",
    subcommands: [
      RunCommand.self, CompareCommand.self, ListCommand.self, ExplainCommand.self, ExportCommand.self,
      DoctorCommand.self,
    ])

  static func main() {
    Interruption.ignoreClosedPipes()
    main(nil)
  }
}
