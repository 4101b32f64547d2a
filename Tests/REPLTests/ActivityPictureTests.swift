import Daybook
import Testing

@testable import REPL

/// Heights as characters, with and without UTF-8.
@Suite struct ActivityPictureTests {
  @Test(
    arguments: [
      ([0, 1, 8], " ▁█", " _#"), ([4, 4], "██", "##"), ([], "", ""), ([0, 0], "  ", "  "),
      ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█", "_.:-=+*#"), ([1, 1_000_000], "▁█", "_#"),
    ] as [([Int], String, String)])
  func `a bar is as high as its number beside the highest`(
    counts: [Int], blocks: String, ascii: String
  ) {
    #expect(Bars(isUTF8: true).line(counts) == blocks)
    #expect(Bars(isUTF8: false).line(counts) == ascii)
  }

  @Test func `the locale says which`() async {
    await MainActor.run {
      for (environment, isUTF8) in [
        (["LANG": "de_DE.UTF-8"], true), (["LANG": "C.utf8"], true), ([:], false),
        (["LC_ALL": "C", "LANG": "C.UTF-8"], false), (["LC_ALL": "", "LANG": "C.UTF-8"], true),
      ] as [([String: String], Bool)] {
        #expect(ActivityPictures.isUTF8(environment) == isUTF8, "\(environment)")
      }
    }
  }
}
