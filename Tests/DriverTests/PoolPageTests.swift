import Testing
import Workload

@testable import Driver

struct PoolPageTests {
  @Test(arguments: Subject.Base.pools)
  func `every pool has a page`(base: Subject.Base) throws {
    let page = try #require(PoolPage.of(base), "there is no page on \(base.rawValue)")
    #expect(!page.layout.isEmpty && page.layout.allSatisfy { $0.count <= 76 })
    #expect(page.steps.contains { $0.call.contains("allocate") })
    #expect(!page.limits.isEmpty && !page.use.isEmpty && !page.source.isEmpty)
  }

  @Test(arguments: Subject.Base.pools)
  func `a page fits sixty columns but for its drawing`(base: Subject.Base) throws {
    let page = try #require(PoolPage.of(base))
    let text = try #require(PoolExplanation(Subject(base))).text(width: 60, paint: .plain)
    let drawing = Set(page.layout.map { "  " + $0 })
    for line in text.split(separator: "\n") where !drawing.contains(String(line)) {
      #expect(line.count <= 60, "\(line)")
    }
  }

  @Test func `there is a page on pools alone`() {
    for base in Subject.Base.allCases where !Subject.Base.pools.contains(base) {
      #expect(PoolExplanation(Subject(base)) == nil)
    }
  }

  @Test func `the pages' form`() throws {
    let page = try #require(PoolExplanation(Subject(.nginx)))
    expectSnapshot(page.text(width: 80, paint: .plain), "page-nginx.txt")
  }

  @Test(arguments: [60, 100, 140])
  func `the pools side by side`(width: Int) {
    let text = PoolList().text(width: width, paint: .plain)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
    for base in Subject.Base.pools { #expect(text.contains("\n\(base.rawValue) ")) }
    if width == 100 { expectSnapshot(text, "pools-100.txt") }
  }
}
