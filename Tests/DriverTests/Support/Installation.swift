import Foundation
import Testing
import Workload

@testable import Driver

/// The built `poolbench` in a folder of its own, with shell scripts as workers.
struct Installation {
  let folder: String

  /// What the scripts do is said by the workload's file name: `crash`, `killed`, `hang`, `loader`, `noisy`.
  private static let worker = """
    #!/bin/sh
    here=${0%/*}
    while [ $# -gt 0 ]; do
      case "$1" in
        --subject) subject=$2 ;;
        --pass) pass=$2 ;;
        --workload) workload=$2 ;;
        --step) step=yes ;;
      esac
      shift
    done
    # In turns the input stays open; a worker without segments is one too.
    [ "$step" ] || cat > /dev/null
    echo "$workload $subject $pass" >> "$here/started"
    case "$workload $subject" in
      "crash.txt jemalloc") kill -SEGV $$ ;;
      "killed.txt jemalloc") kill -KILL $$ ;;
      "slow.txt jemalloc") sleep 600 ;;
      "hang.txt "*)
        if [ $(wc -l < "$here/started") -gt 3 ]; then echo $$ > "$here/hanging"; sleep 600; fi ;;
      "loader.txt jemalloc")
        echo "$0: error while loading shared libraries: libjemalloc.so.2: cannot open shared object file" >&2
        exit 127 ;;
    esac
    owner=/lib/x86_64-linux-gnu/libc.so.6
    case $subject in
      jemalloc*) owner=/usr/lib/libjemalloc.so.2 ;;
      tcmalloc*) owner=/usr/lib/libtcmalloc.so.4 ;;
    esac
    cat <<END
    a library's noise
    poolbench-record 3
    subject $subject
    pass $pass
    status ok
    malloc_owner $owner
    free_owner $owner
    library_version test 1.0
    stream_digest 00000000cafef00d
    ops 1000000
    wall_ns 20000000
    cpu_ns 20000000
    minor_faults 100
    ticks_per_s 1000000000
    histogram allocate 1 40:99 63:1
    maximum allocate 63
    baseline_rss_bytes 1048576
    peak_rss_bytes 104857600
    mean_rss_bytes 94371840
    peak_live_bytes 94371840
    end
    END
    """

  /// - Parameter workers: the programs that are there.
  init(workers: [String] = ["poolbench-glibc", "poolbench-jemalloc", "poolbench-tcmalloc"]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("poolbench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let built = WorkerFolder.ownFolder + "/poolbench"
    do {
      try FileManager.default.linkItem(atPath: built, toPath: folder + "/poolbench")
    } catch {
      // Another file system.
      try FileManager.default.copyItem(atPath: built, toPath: folder + "/poolbench")
    }
    for worker in workers {
      try Self.worker.write(toFile: folder + "/" + worker, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/" + worker)
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// A workload file of that name, good unless it has a text of its own.
  func workload(_ name: String, _ text: String = "operations = 1000\nsize = 64\nlifetime = 0\n") throws -> String {
    let path = folder + "/" + name
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  struct Run {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs `poolbench` with `arguments`.
  func run(_ arguments: String...) throws -> Run {
    try finish(ProcessLauncher(folder: folder, isInterrupted: { false }), "poolbench", arguments)
  }

  /// Runs a line of bash in which `$poolbench` is the program and `$folder` its folder.
  func shell(_ line: String) throws -> Run {
    let text = "folder='\(folder)'; poolbench=$folder/poolbench; \(line)"
    return try finish(ProcessLauncher(folder: "/bin", isInterrupted: { false }), "bash", ["-c", text])
  }

  private func finish(_ launcher: ProcessLauncher, _ program: String, _ arguments: [String]) throws -> Run {
    let outcome = launcher.run(
      Launch(
        program: program, arguments: arguments, environment: [.init(name: "PATH", value: "/usr/bin:/bin")],
        timeout: .seconds(60)))
    guard case .exited(let status) = outcome.ending else {
      throw SubjectError("\(program) ended as \(outcome.ending): \(outcome.errorTail)")
    }
    let errors = outcome.errorTail.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("warning: built without optimisation") }.joined(separator: "\n")
    return Run(status: status, output: String(decoding: outcome.output, as: UTF8.self), errors: errors)
  }

  /// Worker runs so far, as `workload subject pass`.
  var started: [String] {
    ((try? String(contentsOfFile: folder + "/started", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }
}
