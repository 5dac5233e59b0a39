//! A Redis Cluster: the queue lives whole on one node, and is found from any.

use std::time::{Duration, Instant};

use vitrina_core::TaskQueue;
use vitrina_core::queue::{Outcome, QueueOptions, Retry, Stage, TaskState};
use vitrina_testing::RedisServer;

use crate::block_on;
use crate::server::{connect, queue_on};

const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_queue_is_found_from_any_node_of_a_cluster() {
    block_on(async {
        let start = || RedisServer::start(&["--cluster-enabled", "yes"]);
        let (Some(one), Some(other)) = (start(), start()) else {
            return;
        };
        let mut nodes = [&one, &other].map(|server| connect(&server.url()).unwrap());
        for (slots, node) in [0..8192, 8192..16384].into_iter().zip(&mut nodes) {
            redis::cmd("CLUSTER").arg("ADDSLOTS").arg(slots.collect::<Vec<u32>>()).exec(node).unwrap();
        }
        redis::cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(other.port()).exec(&mut nodes[0]).unwrap();
        let begin = Instant::now();
        for node in &mut nodes {
            let mut info = String::new();
            while !info.contains("cluster_state:ok") || !info.contains("cluster_known_nodes:2") {
                assert!(begin.elapsed() < LONG, "the cluster does not form: {info}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                info = redis::cmd("CLUSTER").arg("INFO").query(node).unwrap();
            }
        }

        let options = QueueOptions::default().max_deliveries(2);
        let [here, there] = [&one, &other].map(|server| queue_on(server, options.clone()));
        let task = here.submit(b"una".to_vec()).await.unwrap();
        let claim = there.claim(4, LONG).await.unwrap().remove(0);
        assert_eq!((claim.lease.task, claim.photo.as_slice()), (task, &b"una"[..]));
        assert_eq!(here.extend(std::slice::from_ref(&claim.lease)).await.unwrap(), [true]);
        assert_eq!(here.fail(&claim.lease, "otra vez").await.unwrap(), Retry::Again);
        let claim = here.claim(4, LONG).await.unwrap().remove(0);
        assert_eq!(there.fail(&claim.lease, "no").await.unwrap(), Retry::DeadLettered);
        assert_eq!(here.dead_letters(9).await.unwrap(), there.dead_letters(9).await.unwrap());

        // Rings cross the nodes, too.
        let begin = Instant::now();
        let (claims, task) = tokio::join!(there.claim(1, LONG), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            here.submit(b"otra".to_vec()).await.unwrap()
        });
        assert_eq!(claims.unwrap()[0].lease.task, task);
        let done = Outcome::Failed("listo".to_owned());
        let (state, _) = tokio::join!(here.wait(task, Stage::Ended, LONG), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            there.complete(task, done.clone()).await.unwrap()
        });
        assert_eq!(state.unwrap(), TaskState::Ended(done));
        assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    });
}
