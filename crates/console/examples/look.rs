//! Serves the city of the tests, to look at.
#[path = "../tests/it/city.rs"]
#[allow(dead_code, reason = "shared")]
mod city;
#[tokio::main]
async fn main() {
    let city = city::City::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await.unwrap();
    axum::serve(listener, city.router.clone()).await.unwrap();
}
