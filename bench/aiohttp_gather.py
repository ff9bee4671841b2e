# aiohttp's way to fetch a list, as its documentation has it: one session, gather over all, 50 connections. One JSON line each.
import asyncio
import json
import sys
import time

import aiohttp


async def fetch(session, url):
    start = time.perf_counter()
    async with session.get(url) as response:
        body = await response.read()
        return {
            "url": url,
            "status": response.status,
            "length": len(body),
            "elapsedMs": (time.perf_counter() - start) * 1000,
        }


async def main(path):
    with open(path) as lines:
        urls = [line.strip() for line in lines]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)) as session:
        for result in await asyncio.gather(*(fetch(session, url) for url in urls)):
            print(json.dumps(result))


asyncio.run(main(sys.argv[1]))
