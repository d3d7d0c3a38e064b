import Testing

@testable import Driver

struct MachineTests {
  @Test func `the processor is named on x86 and elsewhere`() {
    #expect(Machine.processorName("processor\t: 0\nmodel name\t: AMD EPYC 7B13\n") == "AMD EPYC 7B13")
    #expect(Machine.processorName("CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n") == "0xd0c")
    #expect(Machine.processorName("") == "n/a")
  }

  @Test func `the chosen mode stands in brackets`() {
    #expect(Machine.bracketed("always [madvise] never\n") == "madvise")
    #expect(Machine.bracketed("never\n") == "n/a")
  }

  @Test func `this machine has memory, a kernel and a C library`() {
    let machine = Machine.current()
    #expect(machine.cores > 0 && machine.memoryBytes > 1 << 20)
    #expect(machine.kernel.hasPrefix("Linux ") && machine.libc.hasPrefix("glibc "))
  }

  @Test func `memory is read in bytes`() {
    #expect(SystemMemory.kibibytes("RssAnon", in: "VmRSS:\t 9 kB\nRssAnon:\t     128 kB\n") == 128 << 10)
    #expect(SystemMemory.kibibytes("RssAnon", in: "VmRSS:\t 9 kB\n") == nil)
  }
}
