import Glibc
import Testing

@testable import REPL

@Suite struct EditorPiecesTests {
  static let places: [(String, Int, Int)] = [
    ("", 0, 0), ("abc", 0, 3), ("0123456789", 1, 0), ("0123456789a", 1, 1),
    ("012345678日", 1, 2), ("日本日本日", 1, 0), ("ab\ncd", 1, 2), ("e\u{301}", 0, 1),
    ("a\tb", 0, 9), ("\t\t", 1, 0),
  ]

  @Test(arguments: places)
  func `the cursor's place follows from the text`(text: String, row: Int, column: Int) {
    let place = screenPlace(after: text, columns: 10)
    #expect(place.row == row)
    #expect(place.column == column)
  }

  @Test func `what prompt marks enclose takes no cell`() {
    #expect(withoutMarked("\u{1}\u{1B}[36m\u{1}daybook\u{1}\u{1B}[0m\u{1}> ") == "daybook> ")
    #expect(withoutMarked("plain> ") == "plain> ")
    let palette = Palette(.always, destination: Destination(isTerminal: true), environment: [:])
    #expect(withoutMarked(palette.prompt("x", .place)) == "x")
    #expect(Palette.plain.prompt("x", .place) == "x")
  }

  @Test func `a paste keeps its lines, and loses what no command holds`() {
    #expect(pastedText("one\ntwo\r\n\rthree\n") == "one\ntwo\n\nthree")
    #expect(pastedText("a\tb\u{1B}[31m\u{7F}é日 ") == "a\tb[31mé日 ")
    #expect(pastedText("\n\r\n") == "")
  }

  @Test func `an editor is found without one being named`() throws {
    #expect(editorCommand(["VISUAL": "code -w", "EDITOR": "ed"]) == "code -w")
    #expect(editorCommand(["VISUAL": " ", "EDITOR": "ed"]) == "ed")
    #expect(editorCommand(["PATH": "/nowhere"]) == nil)
    try withFolder { folder in
      for name in ["nano", "vi"] {
        let file = try #require(fopen("\(folder)/\(name)", "w"))
        fclose(file)
        chmod("\(folder)/\(name)", 0o755)
        #expect(editorCommand(["PATH": "/nowhere:\(folder)"]) == name)
      }
    }
  }

  @Test func `the prompt of a line that goes on stands flush with the first`() {
    #expect(continuationPrompt(under: "demo.journal@42> ") == "            ...> ")
    #expect(continuationPrompt(under: "\u{1}\u{1B}[36m\u{1}a日\u{1}\u{1B}[0m\u{1}> ") == "...> ")
  }

  @Test func `completions share what they begin with`() {
    #expect(commonStart(["deliver", "deliveries"]) == "deliver")
    #expect(commonStart(["höhle", "höher"]) == "höh")
    #expect(commonStart(["a", "b"]) == "")
    #expect(commonStart([]) == "")
  }

  @Test func `a list of completions fills columns downward and notes take a row each`() {
    let names = ["a", "bb", "ccc", "d", "e"].map { Completion($0) }
    #expect(completionList(names, columns: 12) == ["a    d", "bb   e", "ccc"])
    let noted = [Completion("at", note: "time travel"), Completion("events\u{1B}")]
    #expect(
      completionList(noted, columns: 40) == [#"at            time travel"#, #"events\u{1B}"#])
    let many = (0..<205).map { Completion("name\($0)") }
    #expect(completionList(many, columns: 80).last == "… 5 more")
  }
}
