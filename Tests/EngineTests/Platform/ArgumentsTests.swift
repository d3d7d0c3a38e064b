import Testing

@testable import Engine

@Suite("Arguments")
struct ArgumentsTests {
  @Test("They are those that the program was started with")
  func areTheProgramsOwn() {
    #expect(!WorkerArguments.all.isEmpty)
    #expect(WorkerArguments.all == Array(CommandLine.arguments.dropFirst()))
  }
}
