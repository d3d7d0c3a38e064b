import CPlatform
import Glibc
import Workload

/// A worker's whole life: reads the request and the description, measures, writes the record.
public enum Engine {
  /// Measures what the process's arguments ask for, with the description on standard input.
  ///
  /// - Parameter allocator: the shim of the library this worker is linked with.
  /// - Returns: the process's exit status: 0 with a complete record on standard output, 64 for wrong arguments, 65 for
  ///   a wrong description.
  public static func run(allocator: UnsafeRawPointer) -> Int32 {
    pb_keep_output()
    let arguments = WorkerArguments.all
    // Not when a person runs the worker: the first program of a pipeline may end before the others.
    if arguments.contains("--protocol") { pb_end_with_parent() }
    let allocator = allocator.assumingMemoryBound(to: pb_allocator.self).pointee
    let request: WorkerRequest
    do throws(SubjectError) {
      request = try WorkerRequest(arguments: arguments)
    } catch {
      return fail(64, error.description)
    }
    let result = WorkloadDescription.parse(
      InputFile.readDescription(endsAtZero: request.steps), fileName: request.workloadName, overrides: request.overrides
    ) { path in InputFile.read(path.hasPrefix("/") ? path : "\(request.directory)/\(path)") }
    guard let description = result.description else {
      return fail(65, result.diagnostics.map { $0.render(fileName: request.workloadName) }.joined(separator: "\n"))
    }
    do throws(DistributionError) {
      let plan = try RunPlan(request: request, description: description, allocator: allocator)
      if request.steps, plan.lanes > 1 || description.phases.contains(where: { $0.threadLife != nil }) {
        return fail(64, "--step takes workloads of one lane without thread-life")
      }
      var record = RunRecord()
      describe(plan, into: &record)
      if request.onlyGenerates {
        guard StreamDump.write(plan, into: &record) else { return fail(73, "cannot write '\(request.dumpPath ?? "")'") }
      } else {
        measure(plan, into: &record)
      }
      var text = record.text
      text.withUTF8 { pb_write_output($0.baseAddress, $0.count) }
      return 0
    } catch {
      return fail(65, "\(request.workloadName): \(error)")
    }
  }

  private static func fail(_ status: Int32, _ message: String) -> Int32 {
    var text = message + "\n"
    text.withUTF8 { pb_write_error($0.baseAddress, $0.count) }
    return status
  }

  /// Who runs, and whose malloc answers.
  private static func describe(_ plan: RunPlan, into record: inout RunRecord) {
    let request = plan.request
    record.add(.subject, request.subject.name)
    record.add(.workload, request.workloadName)
    record.add(.pass, request.pass.rawValue)
    record.add(.lanes, plan.lanes)
    record.add(.seed, plan.description.seed)
    if !request.adaptations.isEmpty {
      record.add(.adaptation, request.adaptations.map(\.rawValue).joined(separator: ","))
    }
    let identity = UnsafeMutablePointer<pb_malloc_identity>.allocate(capacity: 1)
    defer { identity.deallocate() }
    pb_identify_malloc(identity)
    record.add(.mallocOwner, text(of: &identity.pointee.malloc_owner))
    record.add(.freeOwner, text(of: &identity.pointee.free_owner))
    record.add(.libraryVersion, plan.allocator.version.flatMap { $0() }.map { String(cString: $0) } ?? "")
    record.add(.buildID, text(of: &identity.pointee.build_id))
    if !identity.pointee.calls_reach_them { record.add(.note, "calls compiled into the worker reach another malloc") }
  }

  private static func text<Field>(of field: inout Field) -> String {
    withUnsafeBytes(of: &field) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
