// compareLogits: how far the student's next-token distribution q is from the teacher's p, row by row.
//
//   step               position, count
//   teacher, student   [T, V]       f32
//   result             [T, 4]       f32   KL(p || q) in nats, teacher's top token, student's top token, entropy of p in nats
//
// KL is summed as p * (e^d - 1 - d) with d = log q - log p: the same sum as -p * d, since both p and q add up to 1, but
// no term is negative, so small divergences are not differences of large numbers, and an error in either logarithm of
// a total cancels to first order. Tokens are f32 values, exact up to 2^24; of equal logits the first is the top.
// One workgroup a row, three passes. Bandwidth-bound: 24 bytes a logit.
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> teacher: array<f32>;
@group(0) @binding(2) var<storage, read> student: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;

// Log of a weight that is 1 for the greatest logit. Bounded, for logits masked with -3.4e38.
fn relative(logit: f32, greatest: f32) -> f32 {
  return max(logit - greatest, -1e30);
}

// p * (e^d - 1 - d) for p = e^log_p and p * e^d = e^log_q.
fn divergence(log_p: f32, log_q: f32) -> f32 {
  let p = exp(max(log_p, -80.0));
  let d = log_q - log_p;
  if (abs(d) < 0.25) {   // the first term left out is below 1e-7 of the sum
    return p * d * d * (0.5 + d * (0.16666667 + d * (0.041666668 + d * (0.008333334 + d * 0.0013888889))));
  }
  if (log_p < -80.0) { return exp(max(log_q, -80.0)); }   // p is nothing, and so is p * d
  return max(exp(max(log_q, -80.0)) - p - p * d, 0.0);
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.y * group.grid.x + group.id.x;
  if (row >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let width = arrayLength(&teacher) / arrayLength(&result);   // read, not an override: one pipeline serves every model
  let start = row * width;

  var teacher_top = no_best();
  var student_top = no_best();
  for (var i = at.index; i < width; i += LANES) {
    teacher_top = better(teacher_top, Best(ordered(teacher[start + i]), i));
    student_top = better(student_top, Best(ordered(student[start + i]), i));
  }
  teacher_top = best_lanes(teacher_top, at);
  student_top = best_lanes(student_top, at);
  let teacher_max = unordered(teacher_top.key);
  let student_max = unordered(student_top.key);

  var teacher_sum = 0.0;
  var student_sum = 0.0;
  var surprise = 0.0;   // weight times its log, for the entropy
  for (var i = at.index; i < width; i += LANES) {
    let log_weight = relative(teacher[start + i], teacher_max);
    let weight = exp(max(log_weight, -80.0));
    teacher_sum += weight;
    surprise += weight * max(log_weight, -80.0);
    student_sum += exp(max(relative(student[start + i], student_max), -80.0));
  }
  teacher_sum = sum_lanes(teacher_sum, at);
  student_sum = sum_lanes(student_sum, at);
  surprise = sum_lanes(surprise, at);
  let teacher_log = log(teacher_sum);
  let student_log = log(student_sum);

  var kl = 0.0;
  for (var i = at.index; i < width; i += LANES) {
    let log_p = relative(teacher[start + i], teacher_max) - teacher_log;
    let log_q = relative(student[start + i], student_max) - student_log;
    kl += divergence(log_p, log_q);
  }
  kl = sum_lanes(kl, at);
  if (at.index == 0u) {
    let entropy = max(teacher_log - surprise / teacher_sum, 0.0);
    result[row] = vec4f(kl, f32(teacher_top.index), f32(student_top.index), entropy);
  }
}
