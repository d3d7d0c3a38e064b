import ArgumentParser

@main
struct Poolbench: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "poolbench")
}
