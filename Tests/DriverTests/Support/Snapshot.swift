import Foundation
import Testing

/// Compares a text with the stored one in `Snapshots`; with `POOLBENCH_UPDATE_SNAPSHOTS` set it stores it anew.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Snapshots").appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["POOLBENCH_UPDATE_SNAPSHOTS"] != nil {
    try? text.write(to: file, atomically: true, encoding: .utf8)
  }
  let stored = try? String(contentsOf: file, encoding: .utf8)
  #expect(text == stored, "\(name) differs from the stored text", sourceLocation: sourceLocation)
}
