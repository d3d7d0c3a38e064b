import Foundation
import Testing
import Workload

@testable import Driver

struct DoctorReportTests {
  private static let diagnosis = Diagnosis(
    findings: [
      Finding(
        .processor, "governor", found: "powersave", .misleading,
        why: "the processor is held at its lowest frequency, where memory looks faster than it is",
        remedy: "sudo cpupower frequency-set --governor performance"),
      .unknown(.processor, "turbo"),
      Finding(.memory, "ASLR", found: "full", .fine),
      Finding(.limits, "machine", found: "virtual", .notable, why: "other tenants are out of sight"),
      Finding(.allocators, "jemalloc[MALLOC_CONF=narenas:1,tcache:false]", found: "jemalloc 5.3.0", .fine),
    ] + NoiseFindings(floor: floor).all, floor: floor)

  private static let floor = NoiseFloor(
    turns: NoiseFloor.Mode(logarithms: (0..<24).map { Double($0 % 5 - 2) * 0.002 }, blocks: 14),
    whole: NoiseFloor.Mode(logarithms: (0..<12).map { Double($0 % 5 - 2) * 0.1 }, blocks: nil))

  @Test(arguments: [60, 100]) func `the report is as stored`(width: Int) {
    let text = DoctorReport(Self.diagnosis, paint: .plain).text(width: width)
    for line in text.split(separator: "\n") where !line.contains("→") {
      #expect(line.count <= width, "\(line)")
    }
    expectSnapshot(text, "doctor-\(width).txt")
  }

  @Test func `colour changes no word`() {
    let coloured = DoctorReport(Self.diagnosis, paint: Paint(isColoured: true)).text(width: 100)
    let plain = coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    #expect(plain == DoctorReport(Self.diagnosis, paint: .plain).text(width: 100))
  }

  @Test func `the document says the same and more`() throws {
    let text = Self.diagnosis.json(tool: ToolVersion(version: "0.1.0", commit: nil))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "poolbench-doctor" && object["version"] as? Int == 1)
    #expect(object["misleading"] as? Bool == true)
    let findings = try #require(object["findings"] as? [[String: Any]])
    #expect(findings.count == Self.diagnosis.findings.count)
    #expect(findings[0]["remedy"] as? String == "sudo cpupower frequency-set --governor performance")
    #expect(findings[1]["remedy"] is NSNull && findings[1]["verdict"] as? String == "n/a")
    let noise = try #require(object["noise_floor"] as? [String: [String: Any]])
    #expect(noise["turns"]?["pairs"] as? Int == 24 && noise["turns"]?["blocks"] as? Int == Self.floor.turns.blocks)
    #expect(noise["whole_runs"]?["blocks"] is NSNull)
    #expect((noise["whole_runs"]?["log_ratios"] as? [Double])?.count == 12)
  }

  @Test func `only what misleads makes a diagnosis mislead`() {
    #expect(Self.diagnosis.misleads)
    #expect(!Diagnosis(findings: Self.diagnosis.findings.filter { $0.verdict != .misleading }).misleads)
  }
}
