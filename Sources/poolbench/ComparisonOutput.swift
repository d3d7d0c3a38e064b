import Driver
import Foundation

/// Where a comparison goes: opened before anything is measured, written once.
struct ComparisonOutput {
  private let options: ComparisonOptions
  private let files: [(format: ComparisonFormat, file: OutputFile?)]

  /// - Throws: `OutputError` if a file can't be written.
  init(_ options: ComparisonOptions) throws {
    self.options = options
    files = try options.outputs().map { output in (output.format, try output.path.map { try OutputFile(path: $0) }) }
  }

  /// - Returns: what the command ends with.
  func write(_ comparison: Comparison) throws -> ExitStatus {
    for (format, file) in files {
      let width = file == nil ? Console.output.width : Terminal.defaultWidth
      let paint = file == nil ? Console.output.paint : .plain
      let text = format.text(comparison, isStrict: options.strict, width: width, paint: paint)
      if let file { try file.write(text, isFinal: true) } else { try Console.print(text) }
      if format == .github { try addSummary(comparison) }
    }
    // Formats for programs say it too, but nobody reads them as they pass by.
    if !files.contains(where: { $0.format == .table && $0.file == nil }) {
      for warning in comparison.warnings { Console.error("warning: \(warning)") }
    }
    if comparison.count(.regressed) > 0 { return .regressed }
    if comparison.count(.failed) > 0 { return .cellFailed }
    return options.strict && comparison.cells.contains(where: \.isUndecided) ? .inconclusive : .ok
  }

  /// Appends the Markdown to the page of the job, where the runner of GitHub Actions has named one.
  private func addSummary(_ comparison: Comparison) throws {
    guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
    let text = ComparisonFormat.markdown.text(comparison, isStrict: options.strict, width: 0, paint: .plain)
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw OutputError.cannotWrite(path, "the summary of the job cannot be opened")
    }
    do {
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(text.utf8))
      try handle.close()
    } catch {
      throw OutputError.cannotWrite(path, error.localizedDescription)
    }
  }
}
