import Testing

@testable import Workload

struct SubjectTests {
  @Test(arguments: [
    "glibc", "null[bulk]", "thread-cache[sized,inline]", "jemalloc[sized,MALLOC_CONF=narenas:1,tcache:false]",
    "glibc[MALLOC_ARENA_MAX=1,MALLOC_TRIM_THRESHOLD_=0]", "glibc[GLIBC_TUNABLES=glibc.malloc.tcache_count=0]",
    "mi[A=]",
  ])
  func `names are read back as they are written`(name: String) throws {
    let subject = try Subject(parsing: name, preloads: ["mi"])
    #expect(subject.name == name)
    #expect(try Subject(parsing: subject.name, preloads: ["mi"]) == subject)
  }

  @Test func `a value goes on behind a comma`() throws {
    let subject = try Subject(parsing: "jemalloc[MALLOC_CONF=narenas:1,tcache:false,dirty_decay_ms:0,A=2]")
    #expect(
      subject.environment == [
        .init(name: "MALLOC_CONF", value: "narenas:1,tcache:false,dirty_decay_ms:0"), .init(name: "A", value: "2"),
      ])
  }

  @Test func `an option behind a variable stays an option`() throws {
    let subject = try Subject(parsing: "jemalloc[MALLOC_CONF=narenas:1,tcache:false,sized]")
    #expect(subject.options == [.sized])
    #expect(subject.environment == [.init(name: "MALLOC_CONF", value: "narenas:1,tcache:false")])
  }

  @Test func `what only looks like a variable belongs to the value`() throws {
    let subject = try Subject(parsing: "glibc[GLIBC_TUNABLES=a=1,glibc.malloc.b=2]")
    #expect(subject.environment == [.init(name: "GLIBC_TUNABLES", value: "a=1,glibc.malloc.b=2")])
  }

  @Test(arguments: [
    ("glibc[A=1,A=2]", "the variable 'A' is set twice"), ("jemalloc[sized,sized]", "'sized' stands there twice"),
    ("glibc[A=1,sized]", "'sized' is not an option of 'glibc'"), ("glibc[tcache:false]", "only NAME=VALUE"),
    ("glibc[=1]", "'=1' is not an option"), ("glibc[A=1", "not closed"),
  ])
  func `what cannot be meant is refused`(name: String, words: String) {
    let error = #expect(throws: SubjectError.self) { try Subject(parsing: name) }
    #expect(error?.description.contains(words) == true)
  }

  @Test func `a size that has to be a power of two is one`() throws {
    #expect(try Subject(parsing: "zephyr[largest=1M]").number(.largest) == 1 << 20)
    #expect(try Subject(parsing: "zephyr").number(.largest) == 64 << 10)
    for text in ["zephyr[largest=48K]", "zephyr[largest=0]", "zephyr[largest=32M]"] {
      #expect(throws: SubjectError.self) { try Subject(parsing: text) }
    }
  }
}

struct SubjectOptionTests {
  private typealias Form = Subject.OptionForm

  @Test(arguments: [
    ("16", 16), ("4K", 4096), ("1M", 1 << 20), ("0", nil), ("2M", nil), ("K", nil), ("-4", nil), ("4k", nil),
  ])
  func `bytes have binary units and bounds`(text: String, value: Int?) {
    let form = Form(.block, .bytes(16...(1 << 20), standard: 4096), "")
    #expect(form.number(text) == value)
    #expect(form.accepts(text) == (value != nil))
    #expect(form.standard == "4K" && form.usage == "block=16…1M")
  }

  @Test func `counts and words`() {
    let count = Form(.max, .count(1...64, standard: 8), "")
    #expect(count.number("64") == 64 && count.number("65") == nil && count.number("1K") == nil)
    let choice = Form(.check, .choice(["modulo", "power-of-two"]), "")
    #expect(choice.accepts("modulo") && !choice.accepts("") && choice.standard == "modulo")
    #expect(choice.usage == "check=modulo|power-of-two")
    #expect(Form(.sized, .word, "").accepts("") && !Form(.sized, .word, "").accepts("1"))
  }

  @Test(arguments: [
    ("jemalloc[sized=1]", "it takes: sized"), ("region[block=4096]", "'block=4096' is not an option of 'region'"),
    ("fixed[lower=1]", "only NAME=VALUE variables"),
  ])
  func `what an option does not take is refused`(name: String, words: String) {
    let error = #expect(throws: SubjectError.self) { try Subject(parsing: name) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `a pool's variables are written in capitals`() throws {
    #expect(try Subject(parsing: "region[MALLOC_ARENA_MAX=1]").environment.count == 1)
    #expect(try Subject(parsing: "glibc[lower=1]").environment.count == 1)
  }
}
