/* A libnvidia-ml of two GPUs that answers what FakeNvml answers: an H100 with GPM and an A10 without. Written against
 * the published prototypes; the structs stand here by their fields, so that the compiler lays them out. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int index; } device_t;
static device_t devices[2] = {{0}, {1}};
typedef struct { long taken; } sample_t;
static long taken;

typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_v2;
typedef struct { unsigned long long total, free, used; } memory_v1;
typedef struct { unsigned gpu, memory; } utilization;
typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char busId[32]; } pci;
typedef struct { unsigned pid; unsigned long long used; unsigned gi, ci; } process;
typedef struct { unsigned field, scope; long long ts, latency; int type, ret; union { double d; unsigned u; unsigned long long ull; } v; } field;
typedef struct { unsigned version, supported; } gpm_support;
typedef struct { unsigned id; int ret; double value; char *names[3]; } gpm_metric;
typedef struct { unsigned version, n; sample_t *first, *second; gpm_metric metrics[333]; } gpm_get;

static int text(char *to, unsigned room, const char *what) {
  if (strlen(what) >= room) return 7;
  strcpy(to, what);
  return 0;
}

int nvmlInit_v2(void) { const char *code = getenv("FAKE_NVML_INIT"); return code ? atoi(code) : 0; }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) {
  switch (code) {
    case 0: return "Success";
    case 2: return "Invalid Argument";
    case 3: return "Not Supported";
    case 7: return "Insufficient Size";
    case 9: return "Driver Not Loaded";
    case 13: return "Function Not Found";
    case 25: return "Argument Version Mismatch";
    default: return "Unknown Error";
  }
}
int nvmlSystemGetDriverVersion(char *to, unsigned room) { return text(to, room, "580.159.04"); }
int nvmlSystemGetNVMLVersion(char *to, unsigned room) { return text(to, room, "13.580.159.04"); }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13000; return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, device_t **device) {
  if (index > 1) return 2;
  *device = &devices[index];
  return 0;
}
int nvmlDeviceGetName(device_t *d, char *to, unsigned room) { return text(to, room, d->index ? "NVIDIA A10" : "NVIDIA H100 80GB HBM3"); }
int nvmlDeviceGetUUID(device_t *d, char *to, unsigned room) {
  return text(to, room, d->index ? "GPU-11111111-2222-3333-4444-555555555555" : "GPU-00000000-aaaa-bbbb-cccc-dddddddddddd");
}
int nvmlDeviceGetPciInfo_v3(device_t *d, pci *p) {
  memset(p, 0, sizeof *p);
  p->bus = d->index ? 0x3b : 0x18;
  sprintf(p->busId, "00000000:%02X:00.0", p->bus);
  return 0;
}
int nvmlDeviceGetCudaComputeCapability(device_t *d, int *major, int *minor) { *major = d->index ? 8 : 9; *minor = d->index ? 6 : 0; return 0; }
int nvmlDeviceGetMemoryBusWidth(device_t *d, unsigned *bits) { *bits = d->index ? 384 : 5120; return 0; }
int nvmlDeviceGetPowerUsage(device_t *d, unsigned *mw) { *mw = d->index ? 60000 : 350250; return 0; }
int nvmlDeviceGetEnforcedPowerLimit(device_t *d, unsigned *mw) { *mw = d->index ? 150000 : 500000; return 0; }
int nvmlDeviceGetPowerManagementDefaultLimit(device_t *d, unsigned *mw) { *mw = d->index ? 150000 : 700000; return 0; }
int nvmlDeviceGetPowerManagementLimitConstraints(device_t *d, unsigned *least, unsigned *most) {
  *least = d->index ? 100000 : 200000;
  *most = d->index ? 150000 : 700000;
  return 0;
}
int nvmlDeviceGetFieldValues(device_t *d, int n, field *values) {
  for (int i = 0; i < n; i++) {
    values[i].ret = 0;
    values[i].type = 1;
    if (values[i].field == 186) values[i].v.u = d->index ? 61000 : 401500;
    else if (values[i].field == 82 && !d->index) values[i].v.u = 58;
    else values[i].ret = 3;
  }
  return 0;
}
int nvmlDeviceGetClockInfo(device_t *d, unsigned which, unsigned *mhz) { *mhz = which == 2 ? 2619 : 1755 + which; return 0; }
int nvmlDeviceGetMaxClockInfo(device_t *d, unsigned which, unsigned *mhz) { *mhz = which == 2 ? 2619 : 1980; return 0; }
int nvmlDeviceGetTemperature(device_t *d, unsigned sensor, unsigned *celsius) { *celsius = 47; return sensor ? 2 : 0; }
int nvmlDeviceGetTemperatureThreshold(device_t *d, unsigned which, unsigned *celsius) {
  static const unsigned known[4] = {92, 89, 95, 87};
  if (which > 3) return 3;
  *celsius = known[which];
  return 0;
}
int nvmlDeviceGetUtilizationRates(device_t *d, utilization *u) { u->gpu = 97; u->memory = 41; return 0; }
int nvmlDeviceGetMemoryInfo_v2(device_t *d, memory_v2 *m) {
  if (m->version != (sizeof *m | 2u << 24)) return 25;
  m->total = 85520809984ull; m->used = 62368055296ull; m->reserved = 500000000ull; m->free = m->total - m->used - m->reserved;
  return 0;
}
int nvmlDeviceGetMemoryInfo(device_t *d, memory_v1 *m) { m->total = 85520809984ull; m->used = 62868055296ull; m->free = m->total - m->used; return 0; }
int nvmlDeviceGetCurrPcieLinkGeneration(device_t *d, unsigned *n) { *n = d->index ? 1 : 5; return 0; }
int nvmlDeviceGetMaxPcieLinkGeneration(device_t *d, unsigned *n) { *n = d->index ? 4 : 5; return 0; }
int nvmlDeviceGetCurrPcieLinkWidth(device_t *d, unsigned *n) { *n = 16; return 0; }
int nvmlDeviceGetMaxPcieLinkWidth(device_t *d, unsigned *n) { *n = 16; return 0; }
int nvmlDeviceGetPcieThroughput(device_t *d, unsigned which, unsigned *kb) { *kb = which ? 2000 : 1000; return 0; }
int nvmlDeviceGetCurrentClocksEventReasons(device_t *d, unsigned long long *mask) { *mask = d->index ? 1 : 0x24; return 0; }
int nvmlDeviceGetSupportedClocksEventReasons(device_t *d, unsigned long long *mask) { *mask = 0x1ff; return 0; }
int nvmlDeviceGetEccMode(device_t *d, unsigned *now, unsigned *later) { if (d->index) return 3; *now = 1; *later = 1; return 0; }
int nvmlDeviceGetMigMode(device_t *d, unsigned *now, unsigned *later) { if (d->index) return 3; *now = 0; *later = 0; return 0; }
int nvmlDeviceGetComputeRunningProcesses_v3(device_t *d, unsigned *count, process *list) {
  unsigned room = *count, n = d->index ? 0 : 70;
  *count = n;
  if (room < n) return 7;
  for (unsigned i = 0; i < n; i++) {
    list[i].pid = 4000 + i; list[i].used = i == 69 ? ~0ull : 1000000ull + i; list[i].gi = list[i].ci = ~0u;
  }
  return 0;
}
int nvmlGpmQueryDeviceSupport(device_t *d, gpm_support *s) { if (s->version != 1) return 25; s->supported = !d->index; return 0; }
int nvmlGpmSampleAlloc(sample_t **s) { *s = calloc(1, sizeof **s); return 0; }
int nvmlGpmSampleFree(sample_t *s) { free(s); return 0; }
int nvmlGpmSampleGet(device_t *d, sample_t *s) { if (d->index) return 3; s->taken = ++taken; return 0; }
int nvmlGpmMetricsGet(gpm_get *g) {
  if (g->version != 1 || !g->first || !g->second || g->first->taken == 0 || g->second->taken <= g->first->taken) return 2;
  for (unsigned i = 0; i < g->n; i++) {
    g->metrics[i].ret = g->metrics[i].id >= 60 ? 3 : 0;
    g->metrics[i].value = g->metrics[i].id + 0.25;
  }
  return 0;
}
