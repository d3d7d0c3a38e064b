import Foundation

/// The folder of the shipped workloads.
public enum WorkloadFolder {
  /// Looks in the current folder, then beside and above the program (a build stands in `.build` of the working copy),
  /// then where an installation puts them.
  public static func find() -> String? {
    var candidates = ["workloads"]
    var place = URL(fileURLWithPath: WorkerFolder.ownFolder)
    candidates.append(place.deletingLastPathComponent().appendingPathComponent("share/poolbench/workloads").path)
    while place.pathComponents.count > 1 {
      candidates.append(place.appendingPathComponent("workloads").path)
      place.deleteLastPathComponent()
    }
    return candidates.first { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.contains { $0.hasSuffix(".txt") }
    }
  }
}
