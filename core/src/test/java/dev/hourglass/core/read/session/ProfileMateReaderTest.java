package dev.hourglass.core.read.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.read.Readers;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A session directory written after ProfileMate's documented headers and its source (commit b8052d2),
/// not by the tool itself.
final class ProfileMateReaderTest {
    @TempDir
    private Path session;

    @BeforeEach
    void write() {
        file(
                "metadata.json",
                "{\"session_id\": \"20260201_101500\", \"cuda_graph_tracking\": true, \"nested\": {\"list\": [1, null, \"x\"]}}");
        file(
                "cuda_graph_captures.csv",
                "runtime_mode,num_tokens,num_reqs,uniform,has_lora,capture_time_sec",
                "FULL,8,8,True,False,12.345",
                "CUDAGraphMode.PIECEWISE,16,None,False,False,13.0",
                "FULL,\"BatchDescriptor(num_tokens=4, num_reqs=4, uniform=True, has_lora=False)\",unknown,unknown,unknown,14.000");
        file(
                "cuda_graph_usage.csv",
                "runtime_mode,num_tokens,num_reqs,uniform,has_lora,replay_count",
                "FULL,8,8,True,False,120",
                "PIECEWISE,16,None,False,False,64");
        file(
                "kv_cache_usage.csv",
                "timestamp_sec,usage_pct,num_blocks,total_blocks",
                "1.500,25.00,10,40",
                "2.500,101x,10,40");
        file("kv_cache_evictions.csv", "timestamp_sec,lifetime_sec,idle_sec", "3.25,12.500,0.100");
        file("kv_cache_summary.txt", "KV Cache Summary", "=====", "Total blocks available: 40", "Peak usage: 25.00%");
        file(
                "forward_pass_timing.csv",
                "timestamp_sec,phase,batch_size,num_tokens,forward_time_ms,throughput_tokens_per_sec",
                "1.000,prefill,512,512,20.125,25440.9",
                "1.100,decode,8,8,5.000,1600.0",
                "1.200,prefill,2,100,7.0,1.0");
        file(
                "cpu_operations_timing.csv",
                "timestamp_sec,operation,duration_ms,context",
                "1.010,scheduling,0.250,phase=prefill",
                "1.020,sampling,0.5,");
        file(
                "batch_utilization.csv",
                "timestamp_sec,num_seqs,max_num_seqs,seq_utilization_pct,num_tokens,max_tokens,token_utilization_pct,phase,running_queue_len,waiting_queue_len",
                "1.0,8,256,3.13,512,8192,6.25,prefill,8,2");
        file(
                "preemption_events.csv",
                "timestamp_sec,request_id,event,reason,running_time_sec,extra_info",
                "4.0,req-1,preempted,RECOMPUTE,1.250,num_blocks=77");
        file(
                "request_lifecycle.csv",
                "request_id,started_sec,preempted_sec,resumed_sec,finished_sec,total_time_sec,preemption_delay_sec",
                "req-1,1.0,4.0,,9.0,8.0,");
        file(
                "encoder_decoder_timing.csv",
                "timestamp_sec,component,duration_ms,context",
                "0.5,encoder,12.000,vision_encoder");
        file(
                "moe_expert_tracking/moe_expert_activations.csv",
                "layer_idx,expert_id,activation_count,percentage",
                "0,3,40,50.00");
        file(
                "moe_expert_tracking/moe_expert_coselection.csv",
                "layer_idx,expert_id_1,expert_id_2,coselection_count",
                "0,3,5,12");
        file(
                "moe_expert_tracking/moe_load_imbalance.csv",
                "layer_idx,timestamp_sec,std_dev,max_min_ratio",
                "0,1.5,2.500,4.000");
        file(
                "moe_expert_tracking/moe_routing_weights_hist.csv",
                "layer_idx,token_idx,expert_id,weight",
                "0,1,3,0.625000");
        file("moe_expert_tracking/moe_summary.json", "{\"layer_0\": {\"num_experts\": 8, \"top_k\": 2}}");
    }

    @Test
    void readsEveryFile() throws IOException {
        Imported mate = read();

        assertThat(mate.table(EngineTables.CUDA_GRAPH_CAPTURE, "ts", "mode", "tokens", "requests", "uniform", "lora"))
                .containsExactly(
                        "12345000000 | FULL | 8 | 8 | true | false",
                        "13000000000 | PIECEWISE | 16 | - | false | false",
                        "14000000000 | FULL | 4 | 4 | true | false");
        assertThat(mate.table(EngineTables.CUDA_GRAPH_REPLAY, "ts", "mode", "tokens", "requests", "count"))
                .containsExactly("- | FULL | 8 | 8 | 120", "- | PIECEWISE | 16 | - | 64");
        assertThat(mate.table(EngineTables.KV_USAGE, "ts", "usage_ratio", "blocks", "total_blocks"))
                .containsExactly("1500000000 | 0.25 | 10 | 40", "2500000000 | - | 10 | 40");
        assertThat(mate.table(EngineTables.KV_EVICTION, "ts", "lifetime_ns", "idle_ns"))
                .containsExactly("3250000000 | 12500000000 | 100000000");
        assertThat(mate.table(EngineTables.STEP, "step", "ts", "phase", "requests", "tokens", "gpu_ns", "dur"))
                .containsExactly(
                        "0 | 1000000000 | prefill | - | 512 | 20125000 | -",
                        "1 | 1100000000 | decode | 8 | 8 | 5000000 | -",
                        "2 | 1200000000 | prefill | 2 | 100 | 7000000 | -");
        assertThat(mate.table(EngineTables.HOST_OPERATION, "ts", "dur", "name", "context"))
                .containsExactly(
                        "1009750000 | 250000 | scheduling | phase=prefill", "1019500000 | 500000 | sampling | -");
        assertThat(mate.table(
                        EngineTables.BATCH,
                        "ts",
                        "requests",
                        "max_requests",
                        "tokens",
                        "max_tokens",
                        "running",
                        "waiting"))
                .containsExactly("1000000000 | 8 | 256 | 512 | 8192 | 8 | 2");
        assertThat(mate.table(
                        EngineTables.PREEMPTION,
                        "ts",
                        "request",
                        "event",
                        "reason",
                        "running_ns",
                        "computed_tokens",
                        "blocks"))
                .containsExactly("4000000000 | req-1 | preempted | RECOMPUTE | 1250000000 | 77 | -");
        assertThat(mate.table(EngineTables.REQUEST, "request", "scheduled_ts", "finished_ts", "e2e_ns"))
                .containsExactly("req-1 | 1000000000 | 9000000000 | -");
        assertThat(mate.table(EngineTables.ENCODER_DECODER, "ts", "dur", "component", "context"))
                .containsExactly("500000000 | 12000000 | encoder | vision_encoder");
        assertThat(mate.table(EngineTables.EXPERT_COUNT, "layer", "expert", "other_expert", "tokens"))
                .containsExactly("0 | 3 | - | 40", "0 | 3 | 5 | 12");
        assertThat(mate.table(EngineTables.EXPERT_LOAD, "ts", "layer", "stddev", "max_min"))
                .containsExactly("1500000000 | 0 | 2.5 | 4.0");
        assertThat(mate.table(EngineTables.EXPERT_WEIGHT, "layer", "token", "expert", "weight"))
                .containsExactly("0 | 1 | 3 | 0.625");
        assertThat(mate.losses()).containsExactly("data_loss bad_number 1");
        assertThat(mate.context().clock()).isEqualTo(SourceClock.unaligned());
    }

    @Test
    void keepsSummariesAsFacts() throws IOException {
        assertThat(read().table(Tables.METADATA, "name", "value"))
                .contains(
                        "source.1.metadata.session_id | 20260201_101500",
                        "source.1.metadata.cuda_graph_tracking | true",
                        "source.1.metadata.nested.list | 1",
                        "source.1.metadata.nested.list | x",
                        "source.1.kv_cache_summary.total_blocks_available | 40",
                        "source.1.kv_cache_summary.peak_usage | 25.00%",
                        "source.1.moe_summary.layer_0.top_k | 2");
    }

    @Test
    void takesATimelineOfReplaysInsteadOfTheirSums() throws IOException {
        file(
                "cuda_graph_timeline.csv",
                "timestamp_sec,descriptor,duration_ms",
                "20.000,\"FULL:BatchDescriptor(num_tokens=8, num_reqs=8, uniform=True, has_lora=False)\",5.000");
        Imported mate = read();

        assertThat(mate.table(EngineTables.CUDA_GRAPH_REPLAY, "ts", "dur", "mode", "tokens", "uniform", "count"))
                .containsExactly("19995000000 | 5000000 | FULL | 8 | true | 1");
        assertThat(mate.losses()).contains("info sums_left_out 1");
    }

    @Test
    void readsTheSimpleVariantAndTheLogParser() throws IOException {
        file(
                "forward_pass_timing.csv",
                "timestamp_sec,phase,batch_size,num_tokens,duration_ms,throughput_tokens_per_sec",
                "1.0,decode,1,1,4.5,222.2");
        file(
                "iterations.csv",
                "iteration,timestamp,context_requests,context_tokens,generation_requests,generation_tokens,elapsed_time_ms,line_number,type",
                "7,2026-02-01 10:15:00,1,64,3,3,12.5,99,mixed");
        file(
                "requests.csv",
                "request_id,received_time,added_time,completed_time,queue_time_ms,processing_time_ms,total_time_ms",
                "r,2026-02-01 10:15:00,2026-02-01 10:15:01,2026-02-01 10:15:03,1000.0,2000.0,3000.0");
        Imported mate = read();

        assertThat(mate.table(EngineTables.STEP, "step", "ts", "dur", "phase", "requests", "prefill_tokens", "tokens"))
                .containsExactly(
                        "0 | 1000000000 | 4500000 | decode | 1 | - | 1",
                        "7 | 1769940900000000000 | 12500000 | mixed | 4 | 64 | 67");
        assertThat(mate.table(EngineTables.REQUEST, "request", "arrival_ts", "queue_ns", "e2e_ns"))
                .contains("r | 1769940900000000000 | 1000000000 | 3000000000");
    }

    @Test
    void countsDamagePerFile() throws IOException {
        file("kv_cache_usage.csv", "timestamp_sec,usage_pct,num_blocks,total_blocks", "1.5,25.00,10", "\"2.5,1,1,1");
        file("batch_utilization.csv", "other,columns", "1,2");
        file("moe_expert_tracking/moe_summary.json", "{\"layer_0\": {");
        Imported mate = read();

        assertThat(mate.rows(EngineTables.KV_USAGE)).isEmpty();
        assertThat(mate.losses()).containsExactlyInAnyOrder("data_loss damaged_line 2", "data_loss damaged_json 1");
        assertThat(new ProfileMateReader().claim(FileSource.of(session)).others())
                .containsOnly(Map.entry("batch_utilization.csv", "has not the columns timestamp_sec,num_seqs"));
    }

    @Test
    void claimsWhatIsItsOwn() throws IOException {
        file("notes.csv", "a,b");
        file(
                "summary.json",
                "{\"traceEvents\": [{\"ph\": \"X\", \"ts\": 1, \"dur\": 1, \"name\": \"a\", \"pid\": 1}]}");
        file("moe_expert_tracking/moe_expert_tracking/moe_load_imbalance.csv", "layer_idx,timestamp_sec", "0,1");
        Set<String> claimed =
                new ProfileMateReader().claim(FileSource.of(session)).entries();

        assertThat(claimed)
                .contains(
                        "kv_cache_usage.csv",
                        "kv_cache_summary.txt",
                        "metadata.json",
                        "moe_expert_tracking/moe_summary.json",
                        "moe_expert_tracking/moe_expert_tracking/moe_load_imbalance.csv")
                .doesNotContain("notes.csv", "summary.json");

        Path other = Files.createDirectory(session.resolve("other"));
        Files.writeString(other.resolve("iterations.csv"), "n,residual\n1,0.5\n");
        Files.writeString(other.resolve("metadata.json"), "{}");
        assertThat(new ProfileMateReader().claim(FileSource.of(other)).entries())
                .isEmpty();
    }

    @Test
    void isFoundByTheNamesInIt() throws IOException {
        assertThat(Readers.find(FileSource.of(session).head()))
                .hasValueSatisfying(reader -> assertThat(reader).isInstanceOf(ProfileMateReader.class));
    }

    private Imported read() throws IOException {
        return Imported.of(new ProfileMateReader(), FileSource.of(session));
    }

    private void file(String name, String... lines) {
        try {
            Path file = session.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.join("\r\n", lines) + "\r\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
