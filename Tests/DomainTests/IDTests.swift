import Events
import Testing

@Suite struct IDTests {
  @Test func `ids that count stand in the order in which they were given`() {
    #expect(([10, 9] as [FeedID]).sorted() == [9, 10])
    #expect(FeedID(9).advanced(by: 1) == 10)
    #expect(Array(InstanceID.all(through: 3)) == [1, 2, 3])
    #expect(Array(InstanceID.all(through: 0)) == [])
  }

  @Test func `a delivery is named for its notification, and for the replay that it is of`() {
    let notification = NotificationID(1_234)
    let replayed = DeliveryID(of: notification, in: 42)
    #expect(DeliveryID(of: notification).text == "1234")
    #expect(replayed.text == "1234/replay/42")
    #expect(StreamName.delivery(replayed).replayOfDelivery == 42)
    #expect(StreamName.delivery(DeliveryID(of: notification)).replayOfDelivery == nil)
  }

  @Test func `the id of a notification that is no number is kept as it is stored`() {
    let odd = NotificationID(stored: "odd")
    #expect(odd.text == "odd" && odd.number == nil)
    #expect(NotificationID(stored: "1234").number == 1_234)
  }
}
