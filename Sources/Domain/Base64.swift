import FoundationEssentials

/// Base64 with padding, in the standard alphabet. Source: RFC 4648, §4.
package func base64(_ bytes: some Sequence<UInt8>) -> String {
  Data(bytes).base64EncodedString()
}

/// The bytes that base64 stands for; nil where the text is none.
package func bytesOf(base64 text: some StringProtocol) -> [UInt8]? {
  Data(base64Encoded: String(text)).map(Array.init)
}

/// Base64 in the alphabet for URLs, without padding. Source: RFC 4648, §5, as RFC 7636 wants it.
package func base64URL(_ bytes: some Sequence<UInt8>) -> String {
  base64(bytes).filter { $0 != "=" }.replacing("+", with: "-").replacing("/", with: "_")
}
