import Foundation
public import Workload

/// Where the worker programs are: beside the driver's own executable.
public enum WorkerFolder {
  /// The folder of the running program, with symbolic links resolved.
  public static var ownFolder: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: own).deletingLastPathComponent().path
  }

  /// The worker programs that `subjects` need and that are not there, in order.
  public static func missingPrograms(for subjects: [Subject], in folder: String) -> [String] {
    var missing: [String] = []
    for subject in subjects {
      let name = subject.base.workerName
      if !missing.contains(name), !FileManager.default.isExecutableFile(atPath: folder + "/" + name) {
        missing.append(name)
      }
    }
    return missing
  }
}
