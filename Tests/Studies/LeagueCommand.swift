import ArgumentParser
import Driver
import Foundation
import League

/// Judges what `scripts/league` has measured.
struct LeagueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "league",
    abstract: "Says how the pools stand against allocators that a user could install.",
    discussion: """
      Reads the result files of a folder, which scripts/league has written, and prints the table of targets as \
      Markdown. Exit status 1 if a target is missed, 65 if the folder holds nothing.
      """)

  @Argument(help: "The folder.") var folder: String
  @Option(help: "A Markdown file whose text between <!-- league --> and <!-- /league --> the table replaces.")
  var readme: String?

  func run() throws {
    let measured = Measured(folder: folder)
    guard !measured.groups.isEmpty || !measured.compared.isEmpty else {
      try FileHandle.standardError.write(contentsOf: Data("poolbench-study: \(folder) holds no results\n".utf8))
      throw ExitCode(65)
    }
    let league = League(measured)
    let text = LeagueReport(league).markdown()
    print(text, terminator: "")
    if let readme {
      let page = try String(contentsOfFile: readme, encoding: .utf8)
      guard let changed = MarkedSection.replacing(in: page, by: text) else {
        throw ValidationError("\(readme) lacks the lines <!-- league --> and <!-- /league -->")
      }
      try changed.write(toFile: readme, atomically: true, encoding: .utf8)
    }
    if league.missed > 0 { throw ExitCode(1) }
  }
}
