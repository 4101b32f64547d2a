import Domain
import Testing

@testable import Google

/// A place comes back from whoever reads over HTTP, who may have changed it.
@Test(arguments: [
  "1 100 history 9223372036854775807 *", "1 -1 profile", "1 99999999999999999999 profile",
  "1 9223372036854775807 profile", "1 100 get -1 * * a", "1 100 get 100001 * * a",
])
func `a place with numbers that none of ours has is none`(text: String) {
  let ask = PageRequest(
    collection: Collection(kind: "gmail.messages", id: "me"), mode: .baseline, continuation: text,
    pageSize: 100)
  #expect(MessagePlace(ask) == nil)
}
