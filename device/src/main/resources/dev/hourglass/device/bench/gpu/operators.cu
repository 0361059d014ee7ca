// Kernels of the operators that no vendor's library is asked for. Plain CUDA C++ without headers: the run-time
// compiler needs nothing beside this text. Rows are contiguous; sizes are multiples of 8 elements.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct bf16 { u16 v; };
struct fp16 { u16 v; };

__device__ __forceinline__ float up(float x) { return x; }
__device__ __forceinline__ float up(bf16 x) { return __uint_as_float((u32)x.v << 16); }
__device__ __forceinline__ float up(fp16 x) { float f; asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(x.v)); return f; }
template <class T> __device__ __forceinline__ T down(float x);
template <> __device__ __forceinline__ float down<float>(float x) { return x; }
template <> __device__ __forceinline__ bf16 down<bf16>(float x) {
  u32 b = __float_as_uint(x);
  bf16 r; r.v = (u16)((b + 0x7fffu + ((b >> 16) & 1u)) >> 16); return r;
}
template <> __device__ __forceinline__ fp16 down<fp16>(float x) {
  fp16 r; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r.v) : "f"(x)); return r;
}

// 16 bytes at once.
template <class T> struct Pack { static const int n = 16 / sizeof(T); union { uint4 whole; T at[n]; }; __device__ Pack() {} };

__device__ __forceinline__ u64 mixed(u64 x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}
__device__ __forceinline__ float normal(u64 key) {
  u64 h = mixed(key);
  float a = ((float)(u32)h + 1.0f) * 2.3283064e-10f, b = (float)(u32)(h >> 32) * 2.3283064e-10f;
  return sqrtf(-2.0f * __logf(fminf(a, 1.0f))) * __cosf(6.2831853f * b);
}

template <class T> __device__ void fill(T* p, u64 n, u64 seed, float scale) {
  for (u64 i = blockIdx.x * (u64)blockDim.x + threadIdx.x; i < n; i += (u64)gridDim.x * blockDim.x)
    p[i] = down<T>(normal(seed * 0x100000001b3ull + i) * scale);
}
extern "C" __global__ void fill_fp32(float* p, u64 n, u64 seed, float scale) { fill(p, n, seed, scale); }
extern "C" __global__ void fill_bf16(bf16* p, u64 n, u64 seed, float scale) { fill(p, n, seed, scale); }
extern "C" __global__ void fill_fp16(fp16* p, u64 n, u64 seed, float scale) { fill(p, n, seed, scale); }
extern "C" __global__ void fill_int8(u8* p, u64 n, u64 seed, float) {
  for (u64 i = blockIdx.x * (u64)blockDim.x + threadIdx.x; i < n; i += (u64)gridDim.x * blockDim.x)
    p[i] = (u8)(mixed(seed * 0x100000001b3ull + i) >> 24);
}
// e4m3: any sign and mantissa, exponents from 2^-4 to 2^3.
extern "C" __global__ void fill_fp8(u8* p, u64 n, u64 seed, float) {
  for (u64 i = blockIdx.x * (u64)blockDim.x + threadIdx.x; i < n; i += (u64)gridDim.x * blockDim.x) {
    u32 h = (u32)(mixed(seed * 0x100000001b3ull + i) >> 20);
    p[i] = (u8)((h & 0x87u) | ((3u + ((h >> 8) & 7u)) << 3));
  }
}
// Numbers below a limit, as tokens, experts or blocks are named.
extern "C" __global__ void fill_index(int* p, u64 n, u64 seed, int limit) {
  for (u64 i = blockIdx.x * (u64)blockDim.x + threadIdx.x; i < n; i += (u64)gridDim.x * blockDim.x)
    p[i] = (int)(mixed(seed * 0x100000001b3ull + i) % (u64)limit);
}

// Holds the stream until the host lets it go, or for two seconds.
extern "C" __global__ void hold(volatile int* go) {
  u64 begin, now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
  do { asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now)); } while (*go == 0 && now - begin < 2000000000ull);
}
// The first multiprocessor's cycles and the time: two of these tell its clock between them.
extern "C" __global__ void clocks(u64* out) {
  u32 sm; asm("mov.u32 %0, %smid;" : "=r"(sm));
  if (sm == 0 && threadIdx.x == 0) {
    u64 t; asm volatile("mov.u64 %0, %globaltimer;" : "=l"(t));
    out[0] = clock64(); out[1] = t;
  }
}
extern "C" __global__ void nothing() {}

// Bandwidth. n counts 16-byte pieces; each thread moves 4 of them, a block's beside each other.
#define PIECES(i) \
  u64 at = (u64)blockIdx.x * blockDim.x * 4 + threadIdx.x; \
  for (int i = 0; i < 4; i++, at += blockDim.x) if (at < n)
extern "C" __global__ void stream_read(const uint4* a, float* sink, u64 n) {
  uint4 p[4] = {};
  { PIECES(i) p[i] = a[at]; }
  u32 s = 0;
  for (int i = 0; i < 4; i++) s ^= p[i].x ^ p[i].y ^ p[i].z ^ p[i].w;
  if (s == 0x12345678u) sink[0] = 1;
}
extern "C" __global__ void stream_write(uint4* a, u32 v, u64 n) {
  PIECES(i) {
    u32 x = v ^ (u32)at * 0x9e3779b9u;
    a[at] = make_uint4(x, x * 3, x * 5, x * 7);
  }
}
extern "C" __global__ void stream_copy(const uint4* a, uint4* b, u64 n) {
  uint4 p[4];
  { PIECES(i) p[i] = a[at]; }
  { PIECES(i) b[at] = p[i]; }
}
extern "C" __global__ void stream_triad(const float4* a, const float4* b, float4* c, float s, u64 n) {
  float4 p[4], q[4];
  { PIECES(i) { p[i] = a[at]; q[i] = b[at]; } }
  { PIECES(i) c[at] = make_float4(p[i].x + s * q[i].x, p[i].y + s * q[i].y, p[i].z + s * q[i].z, p[i].w + s * q[i].w); }
}
// From the second-level cache: past the first level, again and again.
extern "C" __global__ void cache_read(const uint4* a, float* sink, u64 n, int times) {
  u64 step = (u64)gridDim.x * blockDim.x;
  u32 s = 0;
  for (int t = 0; t < times; t++)
    for (u64 i = blockIdx.x * (u64)blockDim.x + threadIdx.x; i < n; i += step) {
      uint4 p = __ldcg(a + (i + (u64)t * 131) % n);
      s ^= p.x ^ p.y ^ p.z ^ p.w;
    }
  if (s == 0x12345678u) sink[0] = 1;
}

// Sum or maximum over a block of at most 1024 threads.
template <bool MAX> __device__ float together(float v) {
  __shared__ float parts[33];
  for (int o = 16; o; o >>= 1) { float w = __shfl_xor_sync(~0u, v, o); v = MAX ? fmaxf(v, w) : v + w; }
  int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, warps = (blockDim.x + 31) >> 5;
  __syncthreads();
  if (lane == 0) parts[warp] = v;
  __syncthreads();
  if (warp == 0) {
    v = lane < warps ? parts[lane] : (MAX ? -3.4e38f : 0.0f);
    for (int o = 16; o; o >>= 1) { float w = __shfl_xor_sync(~0u, v, o); v = MAX ? fmaxf(v, w) : v + w; }
    if (lane == 0) parts[32] = v;
  }
  __syncthreads();
  return parts[32];
}

template <class T> __device__ void rmsnorm(const T* x, const T* w, T* y, int cols) {
  const int N = Pack<T>::n;
  const uint4* in = (const uint4*)(x + (u64)blockIdx.x * cols);
  uint4* out = (uint4*)(y + (u64)blockIdx.x * cols);
  const uint4* weights = (const uint4*)w;
  float s = 0;
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p; p.whole = in[i];
    for (int j = 0; j < N; j++) { float v = up(p.at[j]); s += v * v; }
  }
  float r = rsqrtf(together<false>(s) / cols + 1e-6f);
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p, q, o; p.whole = in[i]; q.whole = weights[i];
    for (int j = 0; j < N; j++) o.at[j] = down<T>(up(p.at[j]) * r * up(q.at[j]));
    out[i] = o.whole;
  }
}
template <class T> __device__ void layernorm_gelu(const T* x, const T* w, T* y, int cols) {
  const int N = Pack<T>::n;
  const uint4* in = (const uint4*)(x + (u64)blockIdx.x * cols);
  uint4* out = (uint4*)(y + (u64)blockIdx.x * cols);
  const uint4* weights = (const uint4*)w;
  float s = 0, t = 0;
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p; p.whole = in[i];
    for (int j = 0; j < N; j++) { float v = up(p.at[j]); s += v; t += v * v; }
  }
  float mean = together<false>(s) / cols;
  float r = rsqrtf(fmaxf(together<false>(t) / cols - mean * mean, 0.0f) + 1e-5f);
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p, q, o; p.whole = in[i]; q.whole = weights[i];
    for (int j = 0; j < N; j++) {
      float v = (up(p.at[j]) - mean) * r * up(q.at[j]);
      float u = 0.7978845608f * (v + 0.044715f * v * v * v);
      o.at[j] = down<T>(0.5f * v * (1.0f + (1.0f - 2.0f / (__expf(2.0f * u) + 1.0f))));
    }
    out[i] = o.whole;
  }
}
template <class T> __device__ void softmax(const T* x, T* y, int cols) {
  const int N = Pack<T>::n;
  const uint4* in = (const uint4*)(x + (u64)blockIdx.x * cols);
  uint4* out = (uint4*)(y + (u64)blockIdx.x * cols);
  float m = -3.4e38f, s = 0;
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p; p.whole = in[i];
    float top = up(p.at[0]);
    for (int j = 1; j < N; j++) top = fmaxf(top, up(p.at[j]));
    if (top > m) { s *= __expf(m - top); m = top; }
    for (int j = 0; j < N; j++) s += __expf(up(p.at[j]) - m);
  }
  float all = together<true>(m);
  s = together<false>(s * __expf(m - all));
  float r = 1.0f / s;
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p, o; p.whole = in[i];
    for (int j = 0; j < N; j++) o.at[j] = down<T>(__expf(up(p.at[j]) - all) * r);
    out[i] = o.whole;
  }
}
// Rows of gate and up beside each other.
template <class T> __device__ void silu_mul(const T* x, T* y, int cols) {
  const int N = Pack<T>::n;
  const uint4* gate = (const uint4*)(x + (u64)blockIdx.y * 2 * cols);
  const uint4* upper = (const uint4*)(x + (u64)blockIdx.y * 2 * cols + cols);
  uint4* out = (uint4*)(y + (u64)blockIdx.y * cols);
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < cols / N; i += gridDim.x * blockDim.x) {
    Pack<T> p, q, o; p.whole = gate[i]; q.whole = upper[i];
    for (int j = 0; j < N; j++) { float g = up(p.at[j]); o.at[j] = down<T>(g / (1.0f + __expf(-g)) * up(q.at[j])); }
    out[i] = o.whole;
  }
}
// x[tokens][heads][d], halves rotated against each other; cos and sin of each token and pair.
template <class T> __device__ void rope(const T* x, const float* table, T* y, int heads, int d) {
  int t = blockIdx.x, pairs = d / 2;
  for (int i = threadIdx.x; i < heads * pairs; i += blockDim.x) {
    int h = i / pairs, j = i % pairs;
    u64 at = ((u64)t * heads + h) * d + j;
    float c = table[(u64)t * d + j], s = table[(u64)t * d + pairs + j];
    float a = up(x[at]), b = up(x[at + pairs]);
    y[at] = down<T>(a * c - b * s);
    y[at + pairs] = down<T>(b * c + a * s);
  }
}
template <class T> __device__ void gather(const T* table, const int* rows, T* y, int cols) {
  const int N = Pack<T>::n;
  const uint4* in = (const uint4*)(table + (u64)rows[blockIdx.x] * cols);
  uint4* out = (uint4*)(y + (u64)blockIdx.x * cols);
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) out[i] = in[i];
}
// The opposite way: rows of x to where they belong, as a paged cache takes keys and values.
template <class T> __device__ void scatter(const T* x, const int* rows, T* y, int cols) {
  const int N = Pack<T>::n;
  const uint4* in = (const uint4*)(x + (u64)blockIdx.x * cols);
  uint4* out = (uint4*)(y + (u64)rows[blockIdx.x] * cols);
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) out[i] = in[i];
}
// Softmax over experts, the k best with weights that sum to one. A warp for each token; at most 512 experts.
template <class T> __device__ void route(const T* x, int* chosen, float* weights, int experts, int k) {
  int lane = threadIdx.x & 31, token = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5);
  float v[16];
  int per = (experts + 31) / 32;
  for (int i = 0; i < 16; i++) {
    int e = lane + 32 * i;
    v[i] = i < per && e < experts ? up(x[(u64)token * experts + e]) : -3.4e38f;
  }
  float top = 0, sum = 0;
  for (int n = 0; n < k; n++) {
    float best = -3.4e38f; int at = 0;
    for (int i = 0; i < 16; i++) if (v[i] > best) { best = v[i]; at = lane + 32 * i; }
    for (int o = 16; o; o >>= 1) {
      float other = __shfl_xor_sync(~0u, best, o); int place = __shfl_xor_sync(~0u, at, o);
      if (other > best || (other == best && place < at)) { best = other; at = place; }
    }
    if (n == 0) top = best;
    float w = __expf(best - top);
    sum += w;
    if ((at & 31) == lane) v[at >> 5] = -3.4e38f;
    if (lane == 0) { chosen[(u64)token * k + n] = at; weights[(u64)token * k + n] = w; }
  }
  __syncwarp();
  if (lane < k) weights[(u64)token * k + lane] /= sum;
}
template <class T> __device__ void argmax(const T* x, int* y, int cols) {
  const int N = Pack<T>::n;
  __shared__ float values[32];
  __shared__ int places[32];
  const uint4* in = (const uint4*)(x + (u64)blockIdx.x * cols);
  float best = -3.4e38f; int at = 0;
  for (int i = threadIdx.x; i < cols / N; i += blockDim.x) {
    Pack<T> p; p.whole = in[i];
    for (int j = 0; j < N; j++) { float v = up(p.at[j]); if (v > best) { best = v; at = i * N + j; } }
  }
  for (int turn = 0; turn < 2; turn++) {
    for (int o = 16; o; o >>= 1) {
      float other = __shfl_xor_sync(~0u, best, o); int place = __shfl_xor_sync(~0u, at, o);
      if (other > best || (other == best && place < at)) { best = other; at = place; }
    }
    if (turn == 0) {
      if ((threadIdx.x & 31) == 0) { values[threadIdx.x >> 5] = best; places[threadIdx.x >> 5] = at; }
      __syncthreads();
      bool mine = (threadIdx.x & 31) < blockDim.x / 32;
      best = mine ? values[threadIdx.x & 31] : -3.4e38f;
      at = mine ? places[threadIdx.x & 31] : 0;
    }
  }
  if (threadIdx.x == 0) y[blockIdx.x] = at;
}
// int8 with a scale for each 128 elements of a row.
template <class T> __device__ void quantise(const T* x, u8* y, float* scales, int cols) {
  int group = blockIdx.x * (blockDim.x >> 4) + (threadIdx.x >> 4), lane = threadIdx.x & 15;
  u64 at = (u64)group * 128 + lane * 8;
  float v[8], top = 0;
  for (int j = 0; j < 8; j++) { v[j] = up(x[at + j]); top = fmaxf(top, fabsf(v[j])); }
  for (int o = 8; o; o >>= 1) top = fmaxf(top, __shfl_xor_sync(~0u, top, o, 16));
  float scale = fmaxf(top, 1e-12f) / 127.0f;
  u64 packed = 0;
  for (int j = 0; j < 8; j++) packed |= (u64)(u8)(signed char)__float2int_rn(v[j] / scale) << (8 * j);
  *(u64*)(y + at) = packed;
  if (lane == 0) scales[group] = scale;
}
template <class T> __device__ void dequantise(const u8* x, const float* scales, T* y) {
  u64 at = (blockIdx.x * (u64)blockDim.x + threadIdx.x) * 8;
  u64 packed = *(const u64*)(x + at);
  float scale = scales[at / 128];
  for (int j = 0; j < 8; j++) y[at + j] = down<T>((float)(signed char)(u8)(packed >> (8 * j)) * scale);
}

// Decode attention over a paged cache, 128 dimensions a head. A block for each request, group of G query heads and part
// of the context; parts are joined by `attend_join`. cache[block][2][page][kvHeads][128], of the keys first.
// 64 tokens at a time: four threads score a key, then the threads of a row add up the values.
template <class T, int G> __device__ void attend(const T* q, const T* cache, const int* pages, float* parts, int heads,
                                                  int kvHeads, int context, int page, int pagesEach, int split) {
  const int N = Pack<T>::n, TILE = 64, CHUNKS = 128 / N / 4, ROW = 128 / N, GROUPS = 256 / ROW, TURNS = TILE / GROUPS;
  __shared__ float query[G][128], score[G][TILE], factor[G], sums[G], tops[G];
  __shared__ float joined[GROUPS][130];
  int kv = blockIdx.x, part = blockIdx.y, request = blockIdx.z, group = heads / kvHeads;
  int from = (int)((u64)context * part / split), to = (int)((u64)context * (part + 1) / split);
  for (int i = threadIdx.x; i < G * 128; i += blockDim.x) {
    int g = i / 128;
    query[g][i % 128] = g < group ? up(q[((u64)request * heads + kv * group + g) * 128 + i % 128]) * 0.08838834764f : 0;
  }
  if (threadIdx.x < G) { sums[threadIdx.x] = 0; tops[threadIdx.x] = -3.4e38f; }
  __syncthreads();
  float acc[G][N];
  for (int g = 0; g < G; g++) for (int j = 0; j < N; j++) acc[g][j] = 0;
  int token = threadIdx.x >> 2, lane = threadIdx.x & 3, rowGroup = threadIdx.x / ROW, column = threadIdx.x % ROW;
  int warp = threadIdx.x >> 5, inWarp = threadIdx.x & 31;
  const int* mine = pages + (u64)request * pagesEach;
  for (int t0 = from; t0 < to; t0 += TILE) {
    Pack<T> k[CHUNKS], v[TURNS];
    int t = t0 + token;
    if (t < to) {
      const uint4* row = (const uint4*)(cache + (((u64)mine[t / page] * 2 * page + t % page) * kvHeads + kv) * 128);
      for (int c = 0; c < CHUNKS; c++) k[c].whole = row[c * 4 + lane];
    }
    for (int i = 0; i < TURNS; i++) {
      int u = t0 + i * GROUPS + rowGroup;
      if (u < to) {
        u64 at = ((((u64)mine[u / page] * 2 + 1) * page + u % page) * kvHeads + kv) * 128;
        v[i].whole = ((const uint4*)(cache + at))[column];
      } else v[i].whole = make_uint4(0, 0, 0, 0);
    }
    float d[G];
    for (int g = 0; g < G; g++) d[g] = 0;
    if (t < to)
      for (int c = 0; c < CHUNKS; c++) {
        float x[N];
        for (int j = 0; j < N; j++) x[j] = up(k[c].at[j]);
        for (int g = 0; g < G; g++) {
          const float4* y = (const float4*)&query[g][(c * 4 + lane) * N];
          for (int j = 0; j < N / 4; j++) {
            float4 z = y[j];
            d[g] += z.x * x[4 * j] + z.y * x[4 * j + 1] + z.z * x[4 * j + 2] + z.w * x[4 * j + 3];
          }
        }
      }
    for (int g = 0; g < G; g++) {
      d[g] += __shfl_xor_sync(~0u, d[g], 1);
      d[g] += __shfl_xor_sync(~0u, d[g], 2);
    }
    if (lane == 0) for (int g = 0; g < G; g++) score[g][token] = t < to ? d[g] : -3.4e38f;
    __syncthreads();
    for (int g = warp; g < G; g += 8) {
      float a = score[g][inWarp], b = score[g][inWarp + 32], top = fmaxf(a, b);
      for (int o = 16; o; o >>= 1) top = fmaxf(top, __shfl_xor_sync(~0u, top, o));
      top = fmaxf(top, tops[g]);
      a = __expf(a - top); b = __expf(b - top);
      score[g][inWarp] = a; score[g][inWarp + 32] = b;
      float s = a + b;
      for (int o = 16; o; o >>= 1) s += __shfl_xor_sync(~0u, s, o);
      if (inWarp == 0) { float f = __expf(tops[g] - top); factor[g] = f; sums[g] = sums[g] * f + s; tops[g] = top; }
    }
    __syncthreads();
    for (int g = 0; g < G; g++) { float f = factor[g]; for (int j = 0; j < N; j++) acc[g][j] *= f; }
    for (int i = 0; i < TURNS; i++) {
      float x[N];
      for (int j = 0; j < N; j++) x[j] = up(v[i].at[j]);
      for (int g = 0; g < G; g++) {
        float w = score[g][i * GROUPS + rowGroup];
        for (int j = 0; j < N; j++) acc[g][j] += w * x[j];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int g = 0; g < G; g++) {
    if (g >= group) break;
    __syncthreads();
    for (int j = 0; j < N; j++) joined[rowGroup][column * N + j] = acc[g][j];
    __syncthreads();
    float* out = parts + (((u64)request * heads + kv * group + g) * split + part) * 130;
    if (threadIdx.x < 128) {
      float s = 0;
      for (int r = 0; r < GROUPS; r++) s += joined[r][threadIdx.x];
      out[threadIdx.x] = s;
    }
    if (threadIdx.x == 0) { out[128] = tops[g]; out[129] = sums[g]; }
  }
}
template <class T> __device__ void attend_join(const float* parts, T* y, int split) {
  const float* mine = parts + (u64)blockIdx.x * split * 130;
  float top = -3.4e38f, sum = 0, out = 0;
  for (int p = 0; p < split; p++) top = fmaxf(top, mine[p * 130 + 128]);
  for (int p = 0; p < split; p++) {
    float f = __expf(mine[p * 130 + 128] - top);
    sum += mine[p * 130 + 129] * f;
    out += mine[p * 130 + threadIdx.x] * f;
  }
  y[(u64)blockIdx.x * 128 + threadIdx.x] = down<T>(out / sum);
}

#define ATTEND(T, NAME, G) \
  extern "C" __global__ void attend##G##_##NAME(const T* q, const T* c, const int* pages, float* parts, int heads, int kv, \
      int context, int page, int each, int split) { attend<T, G>(q, c, pages, parts, heads, kv, context, page, each, split); }
#define EACH(T, NAME) \
  extern "C" __global__ void rmsnorm_##NAME(const T* x, const T* w, T* y, int cols) { rmsnorm(x, w, y, cols); } \
  extern "C" __global__ void layernorm_gelu_##NAME(const T* x, const T* w, T* y, int cols) { layernorm_gelu(x, w, y, cols); } \
  extern "C" __global__ void softmax_##NAME(const T* x, T* y, int cols) { softmax(x, y, cols); } \
  extern "C" __global__ void silu_mul_##NAME(const T* x, T* y, int cols) { silu_mul(x, y, cols); } \
  extern "C" __global__ void rope_##NAME(const T* x, const float* t, T* y, int heads, int d) { rope(x, t, y, heads, d); } \
  extern "C" __global__ void gather_##NAME(const T* t, const int* r, T* y, int cols) { gather(t, r, y, cols); } \
  extern "C" __global__ void scatter_##NAME(const T* x, const int* r, T* y, int cols) { scatter(x, r, y, cols); } \
  extern "C" __global__ void route_##NAME(const T* x, int* c, float* w, int e, int k) { route(x, c, w, e, k); } \
  extern "C" __global__ void argmax_##NAME(const T* x, int* y, int cols) { argmax(x, y, cols); } \
  extern "C" __global__ void quantise_##NAME(const T* x, u8* y, float* s, int cols) { quantise(x, y, s, cols); } \
  extern "C" __global__ void dequantise_##NAME(const u8* x, const float* s, T* y) { dequantise(x, s, y); } \
  ATTEND(T, NAME, 1) ATTEND(T, NAME, 2) ATTEND(T, NAME, 4) ATTEND(T, NAME, 8) \
  extern "C" __global__ void attend_join_##NAME(const float* parts, T* y, int split) { attend_join(parts, y, split); }
EACH(float, fp32)
EACH(bf16, bf16)
EACH(fp16, fp16)
