// An expert that a token was sent to, and its share in the token's result.
struct Choice {
  expert: u32,
  weight: f32,
}
