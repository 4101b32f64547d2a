import Events
import Testing

@Suite struct StreamNameTests {
  @Test func `each kind of stream has its own name`() {
    let names: [(StreamName, String)] = [
      (.journal, "journal"), (.instance(3), "instance/3"), (.authorization(3), "authorization/3"),
      (.feed(7), "feed/7"), (.object("a/b", ofFeed: 7), "feed/7/a/b"),
      (.delivery(DeliveryID(stored: "1234")), "delivery/1234"),
      (.callback("https://example.com/hook"), "callback/https://example.com/hook"),
      (.replay(42), "replay/42"), (.notice(.known(.lag), about: .journal), "notice/lag/journal"),
      (.notice(.other("new"), about: .feed(7)), "notice/new/feed/7"),
    ]
    for (name, text) in names {
      #expect(name.text == text)
      #expect(StreamName(stored: text) == name)
    }
  }

  @Test(
    arguments: [
      ("feed/7", 7, nil, nil), ("feed/7/a", nil, nil, nil), ("feed/", nil, nil, nil),
      ("replay/42", nil, 42, nil), ("replay/*", nil, nil, nil),
      ("delivery/1234/replay/42", nil, nil, 42), ("delivery/1234", nil, nil, nil),
      ("notice/lag/replay/42", nil, nil, nil), ("", nil, nil, nil),
    ] as [(String, FeedID?, ReplayID?, ReplayID?)])
  func `a name is taken apart as it was put together`(
    text: String, feed: FeedID?, replay: ReplayID?, replayOfDelivery: ReplayID?
  ) {
    let name = StreamName(stored: text)
    #expect(name.feed == feed && name.replay == replay)
    #expect(name.replayOfDelivery == replayOfDelivery)
  }

  @Test func `a new replay takes the position of its first event, and nothing else does`() {
    #expect(StreamName.newReplay.named(after: 9) == .replay(9))
    #expect(StreamName.feed(7).named(after: 9) == .feed(7))
  }
}
